#!/bin/sh
# Makes this standby (${HOST}) the primary in place of ${PEER_HOST}, without Patroni:
#   promote.sh
# As root or postgres. It asks nobody whether ${PEER_HOST} is dead: whoever calls it has decided so.
#
# Only for a standby that was synchronous until the end. One that was away while ${PEER_HOST} went
# on alone lacks orders that buyers were told are confirmed.
set -eu

fence=${FENCE:-/etc/seckill/fence.sh}
as_postgres() {
    if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}
sql() { as_postgres psql -XAtq -v ON_ERROR_STOP=1 -p ${PG_PORT} -c "$1" postgres; }
say() {
    echo "$*" >&2
    logger -t seckill-promote -p daemon.crit -- "$*" 2>/dev/null || true
}

# It would take this host back, or the other one.
if systemctl is-active --quiet patroni 2>/dev/null; then
    echo "error: Patroni runs here and decides who is the primary:" \
        "patronictl -c /etc/patroni/config.yml failover" >&2
    exit 4
fi
if [ "$(sql 'select pg_is_in_recovery()')" != t ]; then
    echo "error: ${HOST} is no standby" >&2
    exit 4
fi

# 1. The fence comes first: two primaries sell the same orders apart (decision 0021).
if ! "$fence" ${PEER_HOST} ${PEER}; then
    say "error: ${PEER_HOST} could not be fenced; nothing was changed"
    exit 1
fi
if timeout 1 pg_isready -q -h ${PEER} -p ${PG_PORT}; then
    say "error: ${PEER_HOST} was fenced and still answers; nothing was changed"
    exit 1
fi

# 2. Nobody follows the new primary yet. A name here, copied from the old one, would make every
# COMMIT wait.
sql "alter system set synchronous_standby_names = ''"
sql 'select pg_reload_conf()' >/dev/null

# 3. At what it has received, in a timeline of its own.
if [ "$(sql 'select pg_promote(true, 30)')" != t ]; then
    say "error: ${HOST} was not promoted within 30 s; ${PEER_HOST} stays fenced"
    exit 1
fi
say "${HOST} is the primary, DEGRADED: it has no standby, and confirmed orders are on one disk." \
    "Bring ${PEER_HOST} back by rejoin.sh there, before its Postgres starts."
