#!/bin/sh
# Counts allocations and instructions of one request, and compares them with what scripts/cost.txt allows. Neither depends on how busy the machine is.
#
#     scripts/cost.sh [PART…]        the parts stand in scripts/cost.txt
set -eu
cd "$(dirname "$0")/.."
bin=$(scripts/release.sh seckill-cost)
cost=$bin/seckill-cost
profiles=$(mktemp -d)
trap 'rm -rf "$profiles"' EXIT
# Older valgrinds do not read the compiler's debugging information, and need none of it.
strip -g -o "$profiles/seckill-cost" "$cost"

# Two counts, so that what the start costs cancels out.
instructions() {
    valgrind --tool=callgrind --callgrind-out-file="$profiles/out" "$profiles/seckill-cost" "$1" --count "$2" 2>&1 >/dev/null | sed -n 's/.*Collected : //p'
}

failed=0
while IFS='|' read -r part allocations_max instructions_max; do
    case $part in '' | '#'*) continue ;; esac
    if [ $# -gt 0 ]; then case " $* " in *" $part "*) ;; *) continue ;; esac fi
    allocations=$("$cost" "$part" --count 100000 | sed -n 's/^allocations //p')
    few=$(instructions "$part" 2000)
    many=$(instructions "$part" 12000)
    each=$(((many - few) / 10000))
    echo "$part: $allocations allocations (at most $allocations_max), $each instructions (at most $instructions_max)"
    if ! awk "BEGIN { exit !($allocations <= $allocations_max && $each <= $instructions_max) }"; then failed=1; fi
done <scripts/cost.txt
if [ "$failed" -ne 0 ]; then
    echo "error: a request costs more than scripts/cost.txt allows" >&2
    exit 1
fi
