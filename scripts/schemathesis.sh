#!/bin/sh
# Holds a running service to docs/openapi.yaml and docs/openapi-admin.yaml: Schemathesis makes requests from each, sound and unsound ones, and judges
# every answer by it.
#
#     scripts/schemathesis.sh [DIRECTORY OF seckill [EXAMPLES]]        for each operation of buyers, 50 by default; a fifth and one of operators
#
# Not judged are two streams, which have no end (streamSale, watchFleet), and the operation that ends the node (drainNode).
set -eu
cd "$(dirname "$0")/.."
bin=$(realpath "${1:-$(swift build --show-bin-path)}")
examples=${2:-50}
version=4.32.5

venv=$PWD/.build/contract
if [ "$("$venv/bin/schemathesis" --version 2>/dev/null)" != "schemathesis, version $version" ]; then
    rm -rf "$venv"
    python3 -m venv "$venv"
    # With what makes the requests, so that a seed makes the same ones tomorrow.
    "$venv/bin/pip" install --quiet "schemathesis==$version" hypothesis==6.170.17 jsonschema_rs==0.60.3
fi

seckill=$bin/seckill
data=$(mktemp -d)
ports=$(scripts/free-ports.sh)
port=${ports% *} admin_port=${ports#* }
stack=''
trap 'if [ -n "$stack" ]; then kill -TERM $stack 2>/dev/null || true; wait $stack 2>/dev/null || true; fi; rm -rf "$data"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# With a file of operators, nobody on this machine reads without a token. Of the two roles that may change things, the higher.
operator=$("$seckill" operator add contract --role admin --file "$data/operators")
# The endpoint of the document's examples. The service itself, which has no such path, is its receiver: what it is sent fails at once.
printf 'whsec_%s\n' "$(openssl rand -base64 32)" >"$data/erp.whsec"
cat >"$data/hooks.yaml" <<END
- name: erp
  url: http://127.0.0.1:$port/hooks
  secret_file: $data/erp.whsec
END
"$seckill" up --data "$data/stack" --port $port --admin-port $admin_port --limit-per-user off --limit-per-ip off --limit-orders off \
    --operators-file "$data/operators" --webhooks-file "$data/hooks.yaml" --trusted-proxies 127.0.0.1 >"$data/out" 2>&1 &
stack=$!
tries=0
until curl -fs "http://127.0.0.1:$port/readyz" >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ $tries -gt 600 ] || ! kill -0 $stack 2>/dev/null; then
        cat "$data/out" >&2
        exit 1
    fi
    sleep 0.1
done
. "$data/stack/env"
buyer=$("$seckill" token mint --user contract)

# CONFIGURATION URL TOKEN EXAMPLES [FLAG…]
judge() {
    configuration=$data/$1.toml url=$2 token=$3 count=$4
    shift 4
    "$venv/bin/schemathesis" --config-file "$configuration" run "$url" \
        --header "Authorization: Bearer $token" --max-examples "$count" --seed 1 --generation-database none --no-color "$@"
}

# Nonsense in a path is no resource, and told so. What a state of the sale or of an order refuses is no fault of the request.
cat >"$data/buyers.toml" <<'END'
[checks]
positive_data_acceptance.expected-statuses = ["2xx", 304, 401, 404, 409, 410, 413, 422, 431, "5xx"]
negative_data_rejection.expected-statuses = [400, 401, 404, 405, 409, 413, 415, 422, 431, 501]
END

# The same of operators, who say also which version they mean.
cat >"$data/operators.toml" <<'END'
[checks]
positive_data_acceptance.expected-statuses = ["2xx", 404, 409, 412, 422]
negative_data_rejection.expected-statuses = [400, 401, 404, 405, 409, 412, 413, 415, 422, 428]
missing_required_header.expected-statuses = [400, 422, 428]

# One of If-Match and If-None-Match must be there, and not both: no schema of single headers says so.
[[operations]]
include-operation-id = "applySale"
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 404, 409, 412, 422, 428]

# Nothing is behind most places in the feed, and 25 seconds are long.
[[operations]]
include-operation-id = "listEvents"
parameters = { "query.wait" = 0 }

# Each operation is asked once with a wrong token, and the eleventh of an address within a minute is answered 429: they come from several.
[[operations]]
include-path-regex = "^/admin/v1/sales"
headers = { "X-Forwarded-For" = "192.0.2.1" }

[[operations]]
include-path-regex = "^/admin/v1/orders"
headers = { "X-Forwarded-For" = "192.0.2.2" }

[[operations]]
include-path-regex = "^/admin/v1/webhooks"
headers = { "X-Forwarded-For" = "192.0.2.3" }

[[operations]]
include-path-regex = "^/admin/(?!v1/(sales|orders|webhooks))"
headers = { "X-Forwarded-For" = "192.0.2.4" }
END

# It leaves a cache where it runs.
cd "$data"
# A stream has no end that it could wait for.
status=0
judge buyers "http://127.0.0.1:$port/openapi.json" "$buyer" "$examples" --exclude-operation-id streamSale || status=1

# Fewer: there are twice as many operations, and a change is answered when the nodes obey it. The fleet is a stream, too; a node that drains ends, and
# the service with it. Nothing can be done to a sale that is closed, so that comes last.
document=http://127.0.0.1:$admin_port/admin/openapi.json
few=$((examples / 5 + 1))
judge operators "$document" "$operator" $few --exclude-operation-id watchFleet --exclude-operation-id drainNode --exclude-operation-id closeSale || status=1
judge operators "$document" "$operator" $few --include-operation-id closeSale || status=1
exit $status
