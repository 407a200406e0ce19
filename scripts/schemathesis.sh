#!/bin/sh
# Holds a running service to docs/openapi.yaml: Schemathesis makes requests from the document, sound and unsound ones, and judges every answer by it.
#
#     scripts/schemathesis.sh [DIRECTORY OF seckill [EXAMPLES]]        for each operation, 50 by default
set -eu
cd "$(dirname "$0")/.."
bin=$(realpath "${1:-$(swift build --show-bin-path)}")
examples=${2:-50}
version=4.32.5
port=18080 admin_port=19090

venv=$PWD/.build/contract
if [ "$("$venv/bin/schemathesis" --version 2>/dev/null)" != "schemathesis, version $version" ]; then
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet "schemathesis==$version"
fi

seckill=$bin/seckill
data=$(mktemp -d)
"$seckill" up --data "$data/stack" --port $port --admin-port $admin_port --limit-per-user off --limit-per-ip off --limit-orders off >"$data/out" 2>&1 &
stack=$!
trap 'kill -TERM $stack 2>/dev/null; wait $stack 2>/dev/null || true; rm -rf "$data"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
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
token=$("$seckill" token mint --user contract)

# Nonsense in a path is no resource, and told so. What a state of the sale or of an order refuses is no fault of the request.
cat >"$data/schemathesis.toml" <<'END'
[checks]
positive_data_acceptance.expected-statuses = ["2xx", 304, 401, 404, 409, 410, 413, 422, 431, "5xx"]
negative_data_rejection.expected-statuses = [400, 401, 404, 405, 409, 413, 415, 422, 431, 501]
END
# It leaves a cache where it runs. A stream has no end that it could wait for.
cd "$data"
"$venv/bin/schemathesis" --config-file "$data/schemathesis.toml" run "http://127.0.0.1:$port/openapi.json" \
    --header "Authorization: Bearer $token" --exclude-operation-id streamSale --max-examples "$examples" --seed 1 --generation-database none --no-color
