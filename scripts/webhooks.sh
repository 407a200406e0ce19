#!/bin/sh
# Delivers webhooks of a running service to a receiver that believes the stock Standard Webhooks library for Python alone, also while a secret takes another's place.
#
#     scripts/webhooks.sh [DIRECTORY OF seckill]
set -eu
cd "$(dirname "$0")/.."
seckill=$(realpath "${1:-$(swift build --show-bin-path)}")/seckill
version=1.1.0

# The one of schemathesis.sh.
venv=$PWD/.build/contract
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/pip" show standardwebhooks 2>/dev/null | grep -qx "Version: $version" || "$venv/bin/pip" install --quiet "standardwebhooks==$version"

place=$(mktemp -d /tmp/seckill-webhooks.XXXXXX)
running=''
end() {
    for one in $running; do
        kill "$one" 2>/dev/null || true
        wait "$one" 2>/dev/null || true
    done
    rm -rf "$place"
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
fail() {
    echo "error: $*" >&2
    tail -n 5 "$place/heard" "$place/up.log" >&2 || true
    exit 1
}

# For each message one line: who believes it, `old` or `new`, and what was made of it after a byte was changed.
cat >"$place/receiver.py" <<'PY'
import http.server, sys
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

secrets = {"old": sys.argv[1], "new": sys.argv[2]}


def is_believed(secret, body, headers):
    try:
        Webhook(secret).verify(body, headers)
        return True
    except WebhookVerificationError:
        return False


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        believed = [name for name, secret in secrets.items() if is_believed(secret, body, headers)]
        forged = [name for name, secret in secrets.items() if is_believed(secret, body.replace(b"order.", b"Order."), headers)]
        print("believed:", *believed, "forged:", *forged, flush=True)
        self.send_response(204 if believed and not forged else 401)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
print(server.server_port, flush=True)
server.serve_forever()
PY
secret() { printf 'whsec_%s\n' "$(openssl rand -base64 32)"; }
old=$(secret) new=$(secret)
"$venv/bin/python" "$place/receiver.py" "$old" "$new" >"$place/heard" &
running=$!
until [ -s "$place/heard" ]; do sleep 0.1; done

echo "$old" >"$place/shop.whsec"
cat >"$place/hooks.yaml" <<YAML
- name: shop
  url: http://127.0.0.1:$(head -n 1 "$place/heard")/hooks
  secret_file: $place/shop.whsec
  types: [order.committed]
YAML
ports=$(scripts/free-ports.sh)
port=${ports% *}
"$seckill" up --data "$place/data" --port "$port" --admin-port "${ports#* }" --webhooks-file "$place/hooks.yaml" >"$place/up.log" 2>&1 &
running="$running $!"
tries=0
until curl --silent --fail --output /dev/null "http://127.0.0.1:$port/readyz"; do
    tries=$((tries + 1))
    [ "$tries" -lt 600 ] || fail "the service is not ready after a minute"
    sleep 0.1
done
. "$place/data/env"

bought=0
# line: buys until it is what the receiver says of a message.
hears() {
    tries=0
    until grep -qx "$1" "$place/heard"; do
        tries=$((tries + 1))
        [ "$tries" -lt 100 ] || fail "never heard: $1"
        bought=$((bought + 1))
        curl --silent --fail --output /dev/null "http://127.0.0.1:$port/v1/sales/demo/orders" -H 'Content-Type: application/json' \
            -H "Authorization: Bearer $("$seckill" token mint --user "buyer-$bought")" -d '{"sku":"buds-2","quantity":1}' || fail "buyer $bought was refused"
        sleep 0.3
    done
}
hears 'believed: old forged:'
printf '%s\n%s\n' "$new" "$old" >"$place/shop.whsec"
hears 'believed: old new forged:'
echo "$new" >"$place/shop.whsec"
hears 'believed: new forged:'
if grep -q -e 'forged: .' -e 'believed: forged' "$place/heard"; then fail "a message was judged wrongly"; fi
# Each at least once.
tries=0
until [ "$(($(wc -l <"$place/heard") - 1))" -ge "$bought" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || fail "$bought orders, $(($(wc -l <"$place/heard") - 1)) messages"
    sleep 0.1
done
echo "webhooks: $bought orders, each told, signed and believed, under two secrets in turn"
