#!/bin/sh
# Finds what was logged of one request, order or sale, on all hosts, in the order of time:
#   find.sh request ID | order ID | sale ID  [--since 10m | --since 2026-11-27T12:00] [--dir DIR]
# Prints the lines as they are, JSON; `| jq -r '[.time,.host,.logger,.message] | @tsv'` for people.
# Ends with 1 when there is none. Reads the rotated files as well.
#
# An order is known under the request that made it: the lines that name the order tell which request
# that was, and those of the request are shown, too.
# shellcheck disable=SC2016 # programs of grep and jq
set -eu

usage() {
    echo "usage: $0 request|order|sale ID [--since 30s|10m|2h|1d|TIME] [--dir DIRECTORY]" >&2
    exit 2
}

[ $# -ge 2 ] || usage
kind=$1
id=$2
shift 2
case $kind in request | order | sale) ;; *) usage ;; esac
case $id in '' | *[!A-Za-z0-9._:-]*) echo "error: that is no id: $id" >&2 && exit 2 ;; esac
directory=/var/log/seckill
since=''
while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || usage
    case $1 in
    --since) since=$2 ;;
    --dir) directory=$2 ;;
    *) usage ;;
    esac
    shift 2
done
case $since in
'') ;;
*[0-9]s | *[0-9]m | *[0-9]h | *[0-9]d)
    unit=$(printf %s "$since" | tail -c 1 | sed 's/s/seconds/; s/m/minutes/; s/h/hours/; s/d/days/')
    since=$(date -u -d "${since%?} $unit ago" +%Y-%m-%dT%H:%M:%S)
    ;;
*) since=$(date -u -d "$since" +%Y-%m-%dT%H:%M:%S) ;;
esac

# Files that were last written before are not even opened.
files() {
    if [ -n "$since" ]; then
        find "$directory" -name '*.jsonl*' -newermt "$since UTC" | sort
    else
        find "$directory" -name '*.jsonl*' | sort
    fi
}

# Lines in which any of the fixed strings of the file $1 occurs: fast, and more than are wanted.
lines() { files | tr '\n' '\0' | xargs -0 -r zgrep -h -F -f "$1" -- || true; }

# `wanted` decides, with the ids in $ids. A line that was cut in the middle is no JSON, and skipped.
pick() {
    jq -R -r --arg id "$id" --arg since "$since" --argjson ids "$1" '
        def names($s): (.path // "" | split("/") | index($s)) != null;
        . as $line | (fromjson? // empty) | objects
        | select((.time // "") >= $since)
        | select('"$2"')
        | "\(.time // "")\t\($line)"'
}

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
printf '%s\n' "$id" >"$temporary/strings"
case $kind in
request) wanted='.request_id == $id' ;;
order) wanted='.order == $id or names($id) or (.message // "" | contains($id))' ;;
sale) wanted='.sale == $id or names($id)' ;;
esac
lines "$temporary/strings" | pick '[]' "$wanted" >"$temporary/found"
if [ "$kind" = order ] && [ -s "$temporary/found" ]; then
    cut -f 2- "$temporary/found" | jq -r '.request_id // empty' | sort -u >"$temporary/requests"
    if [ -s "$temporary/requests" ]; then
        ids=$(jq -R . "$temporary/requests" | jq -s -c .)
        lines "$temporary/requests" |
            pick "$ids" '.request_id as $r | $r != null and ($ids | index($r)) != null' \
                >>"$temporary/found"
    fi
fi
[ -s "$temporary/found" ] || exit 1
sort -u "$temporary/found" | cut -f 2-
