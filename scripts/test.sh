#!/bin/sh
# Passes every test, one at a time: many of them run servers and whole services, and two cores have only so many connections and milliseconds. What failed stands
# at the end once more, where those look who have nothing but the end of a long log. Arguments go to `swift test`.
set -eu
cd "$(dirname "$0")/.."
mkdir -p .build
log=.build/test.log
rm -f .build/test.status
{
    status=0
    swift test --skip-build --no-parallel "$@" || status=$?
    echo "$status" >.build/test.status
} 2>&1 | tee "$log"
status=$(cat .build/test.status)
if [ "$status" -ne 0 ]; then
    echo
    echo "failed (the whole log: $log):"
    # A message can be an answer of many lines.
    grep -A 12 'recorded an issue' "$log" | grep -v -e '^◇' -e '^✔' | cut -c 1-2000 || true
    grep '^✘' "$log" | grep -v 'recorded an issue' || true
fi
exit "$status"
