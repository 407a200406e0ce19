#!/bin/sh
# Before keepalived starts: takes away what one killed hard has left behind. The address, which the
# other edge has by now, as two must not answer for it; and its numbers of processes, which may be
# somebody else's, for whom it would be taken to be running.
ip address delete "${VIP}/32" dev "${INTERFACE}" 2>/dev/null
rm -f /run/keepalived.pid /run/vrrp.pid /run/keepalived/keepalived.pid /run/keepalived/vrrp.pid
exit 0
