#!/bin/sh
# Tells the edges that this node is there, or goes: adds or removes its record.
#   register.sh add       once the node is ready; tries for half a minute
#   register.sh remove    before it is stopped; tries once, as the edges' checks see it anyhow
# Signed with the key in /etc/seckill/dns.key, see named.conf.
set -eu

record='${SERVICE}. 1 SRV 0 10 ${NODE_PORT} ${HOST}.${DOMAIN}.'
case ${1:-} in
add)
    tries=15
    changes="update delete ${HOST}.${DOMAIN}. A
update add ${HOST}.${DOMAIN}. 1 A ${ADDRESS}
update add $record"
    ;;
remove)
    tries=1
    changes="update delete ${SERVICE}. SRV 0 10 ${NODE_PORT} ${HOST}.${DOMAIN}."
    ;;
*)
    echo "usage: $0 add|remove" >&2
    exit 2
    ;;
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
    sleep 1
done
echo "register: the name server ${OPS} did not take the change ($1 ${HOST}.${DOMAIN})" >&2
exit 1
