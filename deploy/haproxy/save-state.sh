#!/bin/sh
# Before a reload and a stop of HAProxy: keeps which nodes there are, so that the next worker knows
# them before DNS has answered. Never in the way of what comes after it.
set -u
file=/var/lib/haproxy/servers
if printf 'show servers state\n' | timeout 2 socat - /run/haproxy/admin.sock >$file.new \
    && [ -s $file.new ]; then
    mv $file.new $file
else
    echo "save-state: HAProxy does not answer, $file stays as it was" >&2
fi
exit 0
