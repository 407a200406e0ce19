#!/bin/sh
# Holds rules, dashboard, console and runbook to one another, as Grafana is not there to say so:
#   check.sh
# Every rule is sound and passes its tests; every alert has a test that it fires, one that it does
# not, and an entry in docs/runbook.md; every expression of the dashboard and the console is sound
# and names nothing but recordings and metrics that rules or their tests know. Wants jq, promtool.
# shellcheck disable=SC2016 # programs of grep and jq
set -eu

here=$(cd "$(dirname "$0")" && pwd)
rules=$here/../prometheus
runbook=$here/../../docs/runbook.md
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
wrong=0
say() {
    echo "$*" >&2
    wrong=1
}

cd "$rules"
promtool check rules recording.yml alerts.yml >"$temporary/said" 2>&1 ||
    say "$(cat "$temporary/said")"
promtool test rules alerts_test.yml >"$temporary/said" 2>&1 || say "$(cat "$temporary/said")"

sed -n 's/^ *- alert: //p' alerts.yml >"$temporary/alerts"
while read -r alert; do
    # What each test of this alert expects, one a line: nothing, or samples.
    expected=$(sed -n "/ALERTS{alertname=\"$alert\",alertstate=\"firing\"}'/,/exp_samples/p" \
        alerts_test.yml | sed -n 's/.*exp_samples://p')
    printf '%s\n' "$expected" | grep -qx '' || say "alerts_test.yml: no test that $alert fires"
    # The watchdog never rests.
    [ "$alert" = Watchdog ] || printf '%s\n' "$expected" | grep -q '\[\]' ||
        say "alerts_test.yml: no test that $alert does not fire"
    grep -qx "## $alert" "$runbook" || say "docs/runbook.md: no entry $alert"
    name=$(printf %s "$alert" | tr '[:upper:]' '[:lower:]')
    grep -q "runbook_url: .*#$name\$" alerts.yml || say "alerts.yml: $alert names no entry"
done <"$temporary/alerts"
sed -n 's/^## //p' "$runbook" | while read -r entry; do
    grep -qx "$entry" "$temporary/alerts" || echo "$entry"
done >"$temporary/stray"
while read -r entry; do say "docs/runbook.md: $entry is no alert"; done <"$temporary/stray"

# What may be named: recordings, and metrics of rules and of their inputs in the tests.
{
    echo ALERTS
    sed -n 's/^ *- record: //p' recording.yml
    grep -v '^ *#' recording.yml alerts.yml alerts_test.yml |
        grep -oE '\b(up|(seckill|haproxy|redis|pg|keepalived|node|process)_[a-z0-9_]+)\b'
} | sort -u >"$temporary/known"

# Each expression on a line of its own.
jq -r '.. | objects | .expr? // empty' "$here/seckill.json" >"$temporary/exprs"
# The console's stand in back quotes after `query`, or are passed to a template of its own.
grep -oE '`[^`]+`' "$rules/console.html" | tr -d '`' >>"$temporary/exprs"
[ -s "$temporary/exprs" ] || say "no expression found"

number=0
echo 'groups: [{name: expressions, rules: [' >"$temporary/exprs.yml"
while IFS= read -r expr; do
    number=$((number + 1))
    quoted=$(printf %s "$expr" | sed "s/'/''/g")
    echo "{record: 'expression:$number', expr: '$quoted'}," >>"$temporary/exprs.yml"
    # Names are what is left without strings, labels, functions and durations.
    printf '%s\n' "$expr" | sed 's/"[^"]*"//g; s/{[^}]*}//g; s/\[[^]]*\]//g' |
        sed -E 's/(by|without|on|ignoring|group_left|group_right) *\([^)]*\)//g' |
        grep -oE '[a-zA-Z_:][a-zA-Z0-9_:]*[ ]*\(?' |
        grep -v '($' | tr -d ' ' |
        grep -vxE 'by|without|and|or|unless|on|ignoring|offset|bool|sum|max|min|count|avg' |
        while read -r name; do
            grep -qx "$name" "$temporary/known" || echo "unknown: $name in: $expr"
        done >>"$temporary/unknown"
done <"$temporary/exprs"
echo ']}]' >>"$temporary/exprs.yml"
promtool check rules "$temporary/exprs.yml" >"$temporary/said" 2>&1 ||
    say "$(cat "$temporary/said")"
[ ! -s "$temporary/unknown" ] || say "$(cat "$temporary/unknown")"

[ $wrong -eq 0 ] || exit 1
echo "$(wc -l <"$temporary/alerts") alerts and $number expressions: sound"
