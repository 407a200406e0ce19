#!/bin/sh
# Starts Redis in the role that a majority of the Sentinels gives it, and with these arguments:
#   start.sh --supervised systemd --daemonize no
# A primary that died and comes back would be a primary again until the Sentinels have seen enough
# of it, some ten seconds later. It begins as a replica of its successor instead.
#
# Without a majority it waits, as the nodes do: a Redis that nobody names is rebuilt by nobody, and
# a guess could make the newest data a replica of older ones.
set -eu

# The address that two of the three name.
named() {
    for sentinel in ${REDIS1} ${REDIS2} ${REDIS3}; do
        timeout 1 redis-cli -h "$sentinel" -p ${SENTINEL_PORT} --raw \
            sentinel get-master-addr-by-name ${REDIS_MASTER} 2>/dev/null | sed -n 1p &
    done | sort | uniq -c | while read -r votes address; do
        if [ "$votes" -ge 2 ]; then echo "$address"; fi
    done
}

primary=$(named)
if [ -z "$primary" ]; then echo "waiting for two Sentinels to name the primary" >&2; fi
while [ -z "$primary" ]; do
    sleep 0.2
    primary=$(named)
done
if [ "$primary" = ${ADDRESS} ]; then
    exec redis-server /etc/redis/redis.conf --replicaof no one "$@"
fi
exec redis-server /etc/redis/redis.conf --replicaof "$primary" ${REDIS_PORT} "$@"
