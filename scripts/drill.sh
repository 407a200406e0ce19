#!/bin/sh
# Breaks the reference topology (deploy/) on purpose, in network namespaces of this machine:
#   scripts/drill.sh [ARGUMENT…]        as `seckill-drill --help` says
# Everything runs in namespaces of its own and ends with this script, also after Ctrl-C: the kernel
# ends a process namespace with its first process. Wants to be root: its programs run as accounts of
# their own.
set -eu
cd "$(dirname "$0")/.."
# Figures are a release build's. Whether a change keeps the promises shows in what the tests have
# built, too, and a machine that builds everything from nothing has done enough.
if [ -n "${CI:-}" ]; then bin=$(swift build --show-bin-path); else bin=$(scripts/release.sh seckill seckill-drill); fi
if ! [ -x "$bin/seckill" ] || ! [ -x "$bin/seckill-drill" ]; then
    echo "error: nothing is built in $bin; make test builds it" >&2
    exit 1
fi

if [ "$(id -u)" -ne 0 ]; then
    echo "error: run as root: the programs of the topology run as accounts of their own" >&2
    exit 1
fi
if ! unshare --mount --net --pid --fork true 2>/dev/null; then
    echo "error: no namespaces are to be had here" >&2
    exit 1
fi
place=$(mktemp -d /tmp/seckill-drill.XXXXXX)
trap 'rm -rf "$place"' EXIT
# The kernel ends all of it with its first process, and that with this shell. What still runs would
# write where everything is removed.
drill=''
end() {
    if [ -n "$drill" ]; then
        pkill -KILL --parent "$drill" || true
        wait "$drill" || true
    fi
    exit "$1"
}
trap 'end 130' INT
trap 'end 143' TERM
# Programs of other accounts reach their files through it.
chmod 755 "$place"
# The shell inside is the first process of its namespace, and waits for whatever others left.
# shellcheck disable=SC2016
TMPDIR=$place setpriv --pdeathsig KILL \
    unshare --mount --net --uts --pid --fork --kill-child --mount-proc \
    /bin/sh -c '"$@" & wait $!' drill \
    "$bin/seckill-drill" --deployment deploy --seckill "$bin/seckill" --place "$place" "$@" &
drill=$!
wait $drill
