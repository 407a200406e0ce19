#!/bin/sh
# Runs the service in simulated worlds, of sales and of webhooks, and then, one after the other,
# with each guard switched off, which must be noticed.
#
#     scripts/simulate.sh [SEEDS]
#     SEED=123 scripts/simulate.sh                  (the story of one world of sales)
#     SEED=123 WORLD=--webhooks scripts/simulate.sh
set -eu
cd "$(dirname "$0")/.."
seeds=${1:-10000}

bin=$(scripts/release.sh seckill-simulate)
simulate=$bin/seckill-simulate
if [ -n "${SEED:-}" ]; then exec "$simulate" ${WORLD:-} --seed "$SEED"; fi

# Options, and a flaw to be noticed with them.
notices() {
    status=0
    report=$("$simulate" "$@" --seeds 30000 --until-broken) || status=$?
    if [ "$status" -ne 4 ]; then
        echo "nobody notices $* (exit $status)" >&2
        exit 1
    fi
    echo "$*: noticed; $(echo "$report" | grep -m 1 '^seed')"
}

"$simulate" --seeds "$seeds"
# Of minutes and not of seconds, each takes ten times as long.
"$simulate" --webhooks --seeds $(((seeds + 9) / 10))
# Chance brings about what chargesNothing takes once in 20,000 worlds, and takes no standby away; LateCommitTests and StandbyWorldTests bring it about on purpose.
for flaw in $("$simulate" --list-flaws | grep -vxe chargesNothing -e tellsUnconfirmed); do notices --flaw "$flaw"; done
for flaw in $("$simulate" --list-flaws --webhooks); do notices --webhooks --flaw "$flaw"; done
