#!/bin/sh
# Measures the service against its rivals, on private servers; from a fresh clone. Arguments are those of seckill-bench, such as
#
#   scripts/bench.sh --rounds 1 --only service-buys
set -eu
cd "$(dirname "$0")/.."
scripts/install-packages.sh bench
for product in seckill seckill-load seckill-bench; do
    swift build -c release --product "$product" >&2
done
exec "$(swift build -c release --show-bin-path)/seckill-bench" "$@"
