#!/bin/sh
# Tests the tests: switches off one guard after the other, and expects that a test fails. A guard whose removal nobody notices is named, and ends this with 1.
#
#   scripts/mutants.sh [NAME…]        the names stand in scripts/mutants.txt
#
# Changes files of this checkout and puts them back, so it wants one without uncommitted changes.
set -eu
cd "$(dirname "$0")/.."
if [ -n "$(git status --porcelain --untracked-files=no)" ]; then echo "error: there are uncommitted changes, which this might lose" >&2; exit 2; fi
logs=$(mktemp -d)
trap 'git checkout --quiet -- .; rm -rf "$logs"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

unnoticed='' noticed=0 total=0
# Fields: name | file | text that is replaced | by what | tests to run, as `swift test --filter` takes them.
while IFS='|' read -r name file text replacement tests; do
    case $name in '' | '#'*) continue ;; esac
    if [ $# -gt 0 ]; then case " $* " in *" $name "*) ;; *) continue ;; esac fi
    total=$((total + 1))
    TEXT=$text REPLACEMENT=$replacement perl -0pi -e 's/\Q$ENV{TEXT}\E/$ENV{REPLACEMENT}/' "$file"
    if git diff --quiet; then echo "error: mutant $name: $file does not hold: $text" >&2; exit 2; fi
    if ! swift build --build-tests >"$logs/build" 2>&1 </dev/null; then
        echo "error: mutant $name does not build:" >&2
        grep error: "$logs/build" | head -3 >&2
        exit 2
    fi
    if swift test --skip-build --no-parallel --filter "$tests" >"$logs/test" 2>&1 </dev/null; then
        echo "$name: NOT NOTICED by $tests"
        unnoticed="$unnoticed $name"
    else
        noticed=$((noticed + 1))
        echo "$name: noticed by $(sed -n 's/^✘ Test \([^ (]*\).* recorded.*/\1/p' "$logs/test" | sort -u | head -2 | tr '\n' ' ')"
    fi
    git checkout --quiet -- "$file"
done <scripts/mutants.txt
echo "$noticed of $total guards are noticed when they are missing"
[ -z "$unnoticed" ]
