#!/bin/sh
# Installs the C libraries that the build needs and the servers that `seckill up` and the tests start for themselves; with the argument `bench` also the
# client and the rival of `make bench`, with `cost` also what counts instructions, with `contract` what runs snippets and Schemathesis, with `browser` a
# Chromium and what steers it, with `test` that and whatever else only tests start. Does nothing when all is there.
set -eu

header() {
    for directory in /usr/include /usr/local/include /usr/include/postgresql; do
        if [ -e "$directory/$1" ]; then return 0; fi
    done
    return 1
}

program() {
    if command -v "$1" >/dev/null 2>&1; then return 0; fi
    for candidate in /usr/lib/postgresql/*/bin/"$1" /usr/sbin/"$1"; do
        if [ -x "$candidate" ]; then return 0; fi
    done
    return 1
}

missing=''
header hiredis/read.h || missing="$missing libhiredis-dev"
header libpq-fe.h || missing="$missing libpq-dev"
header openssl/evp.h || missing="$missing libssl-dev"
# Of Swift's own FoundationNetworking, whose code a release holds.
[ -n "$(find /usr/include -path '*curl/curl.h' 2>/dev/null)" ] || missing="$missing libcurl4-openssl-dev"
program pkg-config || missing="$missing pkg-config"
program redis-server || missing="$missing redis-server"
program postgres || missing="$missing postgresql"
if [ "${1:-}" = bench ]; then
    program wrk || missing="$missing wrk"
    # Debian builds its client of Redis for nginx-extras, which also brings the Lua module.
    [ -e /usr/share/lua/5.1/nginx/redis.lua ] && program nginx || missing="$missing nginx-extras lua-nginx-redis"
    [ -n "$(find /usr/lib -path "*/lua/5.1/cjson.so" 2>/dev/null)" ] || missing="$missing lua-cjson"
fi
if [ "${1:-}" = test ]; then program pgbouncer || missing="$missing pgbouncer"; fi
if [ "${1:-}" = test ] || [ "${1:-}" = browser ]; then
    program chromium || missing="$missing chromium"
    program chromedriver || missing="$missing chromium-driver"
    [ -n "$(find /usr/share/fonts -name 'NotoSansCJK*' 2>/dev/null)" ] || missing="$missing fonts-noto-cjk"
    python3 -c 'import pip' 2>/dev/null || missing="$missing python3-pip"
fi
# What deploy/ configures, and what its drills and checks need. Names of programs and of packages differ.
if [ "${1:-}" = test ] || [ "${1:-}" = deploy ]; then
    for pair in haproxy:haproxy keepalived:keepalived varnishd:varnish nginx:nginx-light named:bind9 named-checkconf:bind9-utils \
        nsupdate:bind9-dnsutils redis-sentinel:redis-sentinel patroni:patroni etcd:etcd-server rsyslogd:rsyslog lnav:lnav jq:jq curl:curl \
        prometheus:prometheus prometheus-alertmanager:prometheus-alertmanager prometheus-node-exporter:prometheus-node-exporter \
        prometheus-redis-exporter:prometheus-redis-exporter prometheus-postgres-exporter:prometheus-postgres-exporter \
        prometheus-varnish-exporter:prometheus-varnish-exporter nft:nftables socat:socat envsubst:gettext-base ip:iproute2 \
        systemd-analyze:systemd logrotate:logrotate; do
        program "${pair%%:*}" || missing="$missing ${pair#*:}"
    done
    [ -e /usr/lib/x86_64-linux-gnu/rsyslog/imrelp.so ] || [ -n "$(find /usr/lib -path '*/rsyslog/imrelp.so' 2>/dev/null)" ] || missing="$missing rsyslog-relp"
    [ -n "$(find /usr/lib/python3 -maxdepth 2 -name etcd 2>/dev/null)" ] || missing="$missing python3-etcd"
fi
if [ "${1:-}" = deploy ]; then program wrk || missing="$missing wrk"; fi
if [ "${1:-}" = contract ]; then
    for name in python3 curl openssl; do program "$name" || missing="$missing $name"; done
    python3 -c 'import requests' 2>/dev/null || missing="$missing python3-requests"
    python3 -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python3-venv"
fi
if [ "${1:-}" = cost ]; then program valgrind || missing="$missing valgrind"; fi
if [ -z "$missing" ]; then exit 0; fi

if ! command -v apt-get >/dev/null 2>&1; then
    echo "error: not installed, and there is no apt-get to install it with:$missing" >&2
    exit 1
fi
as_root=''
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
        echo "error: not installed:$missing; run as root: apt-get install$missing" >&2
        exit 1
    fi
    as_root=sudo
fi

# The packages bring system-wide servers, which are not wanted here: their start is refused while they are being installed. RUNLEVEL=1 does so where
# there is no systemd (invoke-rc.d(8)), a mask that the next boot forgets where there is.
units=''
for package in $missing; do
    case $package in
    redis-server) units="$units redis-server.service" ;;
    postgresql) units="$units postgresql.service" ;;
    pgbouncer) units="$units pgbouncer.service" ;;
    nginx-extras | nginx-light) units="$units nginx.service" ;;
    haproxy | keepalived | varnish | patroni | rsyslog | prometheus | prometheus-*-exporter | redis-sentinel) units="$units $package.service" ;;
    prometheus-alertmanager) units="$units prometheus-alertmanager.service" ;;
    bind9) units="$units named.service" ;;
    etcd-server) units="$units etcd.service" ;;
    esac
done
if [ -n "$units" ] && [ -d /run/systemd/system ]; then
    trap '$as_root systemctl --quiet --runtime unmask $units' EXIT
    $as_root systemctl --quiet --runtime mask $units
fi

echo "installing:$missing" >&2
install() {
    $as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install --yes --quiet --no-install-recommends $missing
}
# The lists of packages may be absent, as in a fresh container, or too old.
install || { $as_root apt-get update --quiet && install; }
