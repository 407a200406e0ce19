#!/bin/sh
# Runs every snippet of docs/integrate.md against a service of its own, in the languages that this
# machine has: what a reader copies must buy, ask again without buying twice, report payments and
# tell a forged webhook. Ends with what ran and what could not.
#
#     scripts/snippets.sh [DIRECTORY OF seckill]
set -eu
cd "$(dirname "$0")/.."
bin=${1:-$(swift build --show-bin-path)}
seckill=$(cd "$bin" && pwd)/seckill
page=$PWD/docs/integrate.md
place=$(mktemp -d /tmp/seckill-snippets.XXXXXX)
service=''
lossy=''
end() {
    for one in $lossy $service; do
        kill "$one" 2>/dev/null || true
        wait "$one" 2>/dev/null || true
    done
    rm -rf "$place"
}
trap end EXIT
trap 'exit 130' INT TERM
fail() {
    echo "error: $*" >&2
    exit 1
}

awk -v place="$place" '
    /^```[a-z]+ file=/ { split($2, name, "="); file = place "/" name[2]; next }
    /^```$/ { file = ""; next }
    file { print > file }' "$page"

ports=$(scripts/free-ports.sh)
port=${ports% *}
"$seckill" up --data "$place/data" --port "$port" --admin-port "${ports#* }" >"$place/up.log" 2>&1 &
service=$!
tries=0
until curl --silent --fail --output /dev/null "http://127.0.0.1:$port/readyz"; do
    kill -0 "$service" 2>/dev/null || { cat "$place/up.log" >&2 && fail "seckill up ended"; }
    tries=$((tries + 1))
    [ "$tries" -lt 600 ] || fail "the service is not ready after a minute"
    sleep 0.1
done
. "$place/data/env"
export SHOP_URL="http://127.0.0.1:$port" SALE=demo SKU=buds-2 SECKILL_PAYMENT_SECRET_FILE

cd "$place"
ran='' passed=0
member() { python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }

# Hands on what it hears, and loses the first two answers to purchases of each buyer.
cat >lossy.py <<'PY'
import collections, http.client, http.server, sys

lost = collections.Counter()


class Lossy(http.server.BaseHTTPRequestHandler):
    def do(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        shop = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=40)
        shop.request(self.command, self.path, body, dict(self.headers))
        answer = shop.getresponse()
        text = answer.read()
        self.close_connection = True
        who = self.headers["Authorization"]
        lost[who] += self.command == "POST"
        if self.command == "POST" and lost[who] <= 2:
            return
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("connection", "keep-alive"):
                self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Lossy)
print(server.server_port, flush=True)
server.serve_forever()
PY
python3 lossy.py "$port" >lossy.port &
lossy=$!
while [ ! -s lossy.port ]; do sleep 0.1; done
losing="http://127.0.0.1:$(cat lossy.port)"

# language, command: buys although answers get lost, and asks once more under the key that it kept.
buys() {
    language=$1
    shift
    export KEY_FILE="$place/$language.key"
    SHOP_TOKEN=$("$seckill" token mint --user "$language")
    export SHOP_TOKEN
    first=$(SHOP_URL="$losing" "$@") || fail "$language: $first"
    second=$("$@") || fail "$language, the second time: $second"
    order=$(echo "$first" | member id)
    [ "$(echo "$second" | member id)" = "$order" ] || fail "$language: the same key made two orders: $first $second"
    [ "$(echo "$second" | member state)" = awaiting_payment ] || fail "$language: $second"
    if told=$(SKU=unknown KEY_FILE="$place/other.key" "$@" 2>&1); then fail "$language: an unknown item was bought: $told"; fi
    rm -f "$place/other.key"
    held=$("$seckill" order list --sale demo --user "$language" -o json | python3 -c 'import json, sys; print(len(json.load(sys.stdin)["orders"]))')
    [ "$held" = 1 ] || fail "$language: $held orders of one purchase"
    ran="$ran $language"
    passed=$((passed + 1))
}
pays() {
    paid=$("$@" "$order" 49900 CNY) || fail "$*: $paid"
    [ "$(echo "$paid" | member state)" = paid ] || fail "$*: $paid"
    passed=$((passed + 1))
}
# A webhook as it was signed, and as others would have it.
id=evt_1 stamp=1614265330 secret=whsec_c2Vja2lsbCBzZWNraWxsIHNlY2tpbGwgc2Vja2lsbCE= body='{"test": 2432232314}'
code=v1,$(printf '%s.%s.%s' "$id" "$stamp" "$body" | openssl dgst -sha256 -mac HMAC -macopt "key:$(printf '%s' "${secret#whsec_}" | base64 -d)" -binary | base64)
# command: prints true or false for a signature, a body and a second.
tells() {
    language=$1
    shift
    said="$("$@" "$code" "$body" 1614265330) $("$@" "v1,AAAA v2,$code $code" "$body" 1614265330)"
    said="$said $("$@" "$code" "$body " 1614265330) $("$@" "$code" "$body" 1614265999) $("$@" "v1a,${code#v1,}" "$body" 1614265330)"
    [ "$said" = 'true true false false false' ] || fail "$language: webhooks are judged $said"
    passed=$((passed + 1))
}

buys sh sh buy.sh
pays sh pay.sh
if command -v node >/dev/null; then
    buys node node buy.mjs
    # The module forgets its key once it knows the outcome, so that the next purchase is another one.
    sh module.sh || fail "the module is not served"
    SHOP_TOKEN=$("$seckill" token mint --user module)
    export SHOP_TOKEN KEY_FILE="$place/module.key"
    bought=$(SHOP_URL="$losing" node module.mjs 2>module.log) || fail "module: $(cat module.log)"
    [ "$(echo "$bought" | member state)" = awaiting_payment ] || fail "module: $bought"
    [ ! -e "$KEY_FILE" ] || fail "module: the key is left behind"
    if told=$(SKU=unknown node module.mjs 2>&1); then fail "module: an unknown item was bought: $told"; fi
    held=$("$seckill" order list --sale demo --user module -o json | python3 -c 'import json, sys; print(len(json.load(sys.stdin)["orders"]))')
    [ "$held" = 1 ] || fail "module: $held orders of one purchase"
    passed=$((passed + 1))
    cat >webhook-check.mjs <<'JS'
import { isGenuine } from "./webhook.mjs";
const [id, stamp, secret, code, body, now] = process.argv.slice(2);
console.log(isGenuine({ "webhook-id": id, "webhook-timestamp": stamp, "webhook-signature": code }, body, secret, Number(now)));
JS
    tells node node webhook-check.mjs "$id" "$stamp" "$secret"
fi
if python3 -c 'import requests' 2>/dev/null; then
    buys python3 python3 buy.py
    pays python3 pay.py
    cat >webhook_check.py <<'PY'
import sys
from webhook import is_genuine
id, stamp, secret, code, body, now = sys.argv[1:]
headers = {"webhook-id": id, "webhook-timestamp": stamp, "webhook-signature": code}
print(str(is_genuine(headers, body.encode(), secret, int(now))).lower())
PY
    tells python3 python3 webhook_check.py "$id" "$stamp" "$secret"
fi
if command -v javac >/dev/null; then
    cat >Check.java <<'JAVA'
class Check {
    public static void main(String[] a) throws Exception {
        System.out.println(Webhook.isGenuine(a[0], a[1], a[3], a[4].getBytes(), a[2], Long.parseLong(a[5])));
    }
}
JAVA
    javac -d classes Buy.java Webhook.java Check.java
    buys java java -cp classes Buy
    tells java java -cp classes Check "$id" "$stamp" "$secret"
fi
if command -v go >/dev/null; then
    export GOCACHE="$place/go" GO111MODULE=off GOFLAGS=
    go build -o buy-go buy.go
    buys go ./buy-go
fi
for language in sh node python3 java go; do
    case " $ran " in *" $language "*) ;; *) echo "not run, for this machine has no $language: its snippets" >&2 ;; esac
done
echo "snippets: $passed passed, 0 failed ($ran )"
