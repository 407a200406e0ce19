#!/bin/sh
# Tells the edges that this node is there, or goes: adds or removes its record.
#   register.sh add       once the node is ready; tries for half a minute
#   register.sh remove    before it is stopped; tries once, as the edges' checks see it anyhow
#   register.sh renew     every half minute; adds the record again unless it was removed
# Signed with the key in /etc/seckill/dns.key, see named.conf.
set -eu

wanted=/run/seckill-register.wanted
record='${SERVICE}. 1 SRV 0 10 ${NODE_PORT} ${HOST}.${DOMAIN}.'
added="update delete ${HOST}.${DOMAIN}. A
update add ${HOST}.${DOMAIN}. 1 A ${ADDRESS}
update add $record"
case ${1:-} in
add)
    tries=10
    changes=$added
    ;;
remove)
    tries=1
    changes="update delete ${SERVICE}. SRV 0 10 ${NODE_PORT} ${HOST}.${DOMAIN}."
    ;;
renew)
    tries=1
    changes=$added
    ;;
*)
    echo "usage: $0 add|remove|renew" >&2
    exit 2
    ;;
esac

# One at a time, so that no renewal that is under way comes after the removal.
exec 9>/run/seckill-register.lock
flock 9
case $1 in
add) : >$wanted ;;
remove) rm -f $wanted ;;
renew) [ -e $wanted ] || exit 0 ;;
esac

while :; do
    if nsupdate -k /etc/seckill/dns.key -t 2 -u 1 -r 1 <<END; then exit 0; fi
server ${OPS} ${DNS_PORT}
zone ${DOMAIN}
$changes
send
END
    tries=$((tries - 1))
    if [ $tries -eq 0 ]; then break; fi
    # Whoever waits may have something else to say.
    flock -u 9
    sleep 1
    flock 9
    if [ "$1" = add ] && [ ! -e $wanted ]; then exit 1; fi
done
echo "register: the name server ${OPS} did not take the change ($1 ${HOST}.${DOMAIN})" >&2
exit 1
