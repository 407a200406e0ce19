#!/bin/sh
# Breaks the reference topology (deploy/) on purpose, in network namespaces of this machine:
#   scripts/drill.sh [ARGUMENT…]        as `seckill-drill --help` says
# Everything runs in namespaces of its own and ends with this script, also after Ctrl-C: the kernel
# ends a process namespace with its first process. Wants to be root; anybody else must be allowed
# user namespaces.
set -eu
cd "$(dirname "$0")/.."
bin=$(scripts/release.sh seckill seckill-drill)

as_root=''
if [ "$(id -u)" -ne 0 ]; then as_root='--user --map-root-user'; fi
# shellcheck disable=SC2086
if ! unshare $as_root --mount --net --pid --fork true 2>/dev/null; then
    echo "error: no namespaces are to be had here: run as root, or allow user namespaces" >&2
    exit 1
fi
place=$(mktemp -d /tmp/seckill-drill.XXXXXX)
trap 'rm -rf "$place"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
# Programs of other accounts reach their files through it.
chmod 755 "$place"
# The shell inside is the first process of its namespace, and waits for whatever others left.
# shellcheck disable=SC2086,SC2016
unshare $as_root --mount --net --uts --pid --fork --kill-child --mount-proc \
    /bin/sh -c '"$@" & wait $!' drill \
    "$bin/seckill-drill" --deployment deploy --seckill "$bin/seckill" --place "$place" "$@"
