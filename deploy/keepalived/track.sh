#!/bin/sh
# Tells keepalived that this edge serves (up) or does not (down). The supervisor of HAProxy calls it
# after a start and after an end of any kind; you do to hand the address over before maintenance.
set -eu
case ${1:-} in
up) value=0 ;;
down) value=1 ;;
*)
    echo "usage: $0 up|down" >&2
    exit 2
    ;;
esac
mkdir -p /run/keepalived
echo $value >/run/keepalived/edge_down
