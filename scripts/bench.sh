#!/bin/sh
# Rushes a private stack with more buyers than units, and judges what came of it. Generator, service, Redis and Postgres share this machine, so compare runs on
# one machine with each other and nothing else.
#
#   RATE=3000 DURATION=10s STOCK=20000 CONNECTIONS=256 scripts/bench.sh
set -eu
cd "$(dirname "$0")/.."
rate=${RATE:-3000} duration=${DURATION:-10s} stock=${STOCK:-20000} connections=${CONNECTIONS:-256}
port=${PORT:-18080} admin_port=${ADMIN_PORT:-19090}

swift build -c release --product seckill
swift build -c release --product seckill-load
bin=$(swift build -c release --show-bin-path)
report=reports/$(date -u +%Y%m%dT%H%M%SZ)
mkdir -p "$report"
data=$(mktemp -d)
up=''
stop() {
    if [ -n "$up" ]; then kill -TERM "$up" 2>/dev/null && wait "$up" || true; fi
    rm -rf "$data"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

"$bin/seckill" up --data "$data/stack" --port "$port" --admin-port "$admin_port" --auth trusted-header \
    --limit-per-user off --limit-per-ip off --limit-total off >"$report/up.txt" 2>&1 &
up=$!
until grep -q 'Ctrl-C' "$report/up.txt"; do
    if ! kill -0 "$up" 2>/dev/null; then cat "$report/up.txt" >&2; exit 1; fi
    sleep 0.2
done
. "$data/stack/env"

"$bin/seckill" sale apply -f - <<SALE
sale: bench
title: Benchmark
opens_at: 2020-01-01T00:00:00Z
closes_at: 2100-01-01T00:00:00Z
pay_within: 1h
items:
  - { sku: unit, title: Unit, unit_price: 100, currency: EUR, stock: $stock, limit_per_user: 1 }
SALE

status=0
"$bin/seckill-load" rush --target "http://127.0.0.1:$port" --sale bench --sku unit --users 1000000 --rate "$rate" --duration "$duration" \
    --connections "$connections" --auth trusted-header --database-url "$SECKILL_DATABASE_URL" --report "$report" || status=$?
"$bin/seckill" audit --sale bench >"$report/audit.txt" || status=$?
cat "$report/audit.txt"
echo "report: $report"
exit "$status"
