#!/bin/sh
# Before the first start of BIND: gives it the zone that it will keep by itself.
set -eu
if [ ! -e /var/lib/bind/shop.zone ]; then
    mkdir -p /var/lib/bind
    install -m 644 /etc/bind/shop.zone /var/lib/bind/shop.zone
    chown -R bind:bind /var/lib/bind
fi
