#!/bin/sh
# Measures the service against its rivals, on private servers; from a fresh clone. Arguments are those of seckill-bench, such as
#
#   scripts/bench.sh --rounds 1 --only service-buys
set -eu
cd "$(dirname "$0")/.."
scripts/install-packages.sh bench
bin=$(scripts/release.sh seckill seckill-load seckill-bench)
exec "$bin/seckill-bench" "$@"
