#!/bin/sh
# Makes sure that the host HOST with ADDRESS is off, or cut off from every node:
#   fence.sh HOST ADDRESS
# promote.sh goes on only if this exits 0. Replace what follows by what your site has, and test it:
#   ipmitool -I lanplus -H "$1-bmc" -U fence -f /etc/seckill/fence.password chassis power off
#   virsh -c qemu+ssh://hypervisor/system destroy "$1"
#   ssh switch "interface $1 shutdown"
# A command that the host itself must carry out (ssh HOST systemctl stop) is no fence: it fails when
# the host hangs, which is when it is needed.
echo "error: /etc/seckill/fence.sh is not written for this site; $1 ($2) is not fenced" >&2
exit 1
