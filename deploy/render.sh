#!/bin/sh
# Writes what a host of the reference topology needs, below a directory that is an image of /etc:
#   render.sh HOST DIRECTORY          such as: render.sh edge1 /tmp/edge1
# On the host itself, DIRECTORY is /etc. Values come from topology.env beside this script.
#
# -f: patterns of hosts are not to be taken for names of files.
set -euf

# Which hosts get which template, and where it goes below DIRECTORY. Hosts are patterns of the
# shell, several of them with commas. Everybody may read a file, and run it if it is a script,
# unless its mode stands at the end.
files() {
    cat <<'END'
edge*    haproxy/haproxy.cfg          haproxy/haproxy.cfg
edge*    haproxy/save-state.sh        haproxy/save-state.sh
edge*    keepalived/keepalived.conf   keepalived/keepalived.conf
edge*    keepalived/check-edge.sh     keepalived/check-edge.sh
edge*    keepalived/notify.sh         keepalived/notify.sh
edge*    keepalived/release.sh        keepalived/release.sh
edge*    keepalived/track.sh          keepalived/track.sh
edge*    varnish/sales.vcl            varnish/sales.vcl
edge*    nginx/seckill.conf           nginx/nginx.conf
edge*    systemd/haproxy.conf         systemd/system/haproxy.service.d/seckill.conf
edge*    systemd/keepalived.conf      systemd/system/keepalived.service.d/seckill.conf
edge*    systemd/varnish.conf         systemd/system/varnish.service.d/seckill.conf
edge*    systemd/nginx.conf           systemd/system/nginx.service.d/seckill.conf
edge*    pacemaker/corosync.conf      seckill/pacemaker/corosync.conf
edge*    pacemaker/address.crm        seckill/pacemaker/address.crm
edge*    pacemaker/edge               seckill/pacemaker/edge
edge*    pacemaker/haproxy-unit.conf  seckill/pacemaker/haproxy-unit.conf
edge*    pacemaker/corosync-unit.conf seckill/pacemaker/corosync-unit.conf
app*     seckill.service              systemd/system/seckill.service
app*     dns/register.sh              seckill/register.sh
app*     systemd/register.conf        systemd/system/seckill.service.d/register.conf
app*     systemd/seckill-register.service  systemd/system/seckill-register.service
app*     systemd/seckill-register.timer    systemd/system/seckill-register.timer
ops      dns/named.conf               bind/named.conf
ops      dns/shop.zone                bind/shop.zone
ops      dns/prepare.sh               bind/prepare.sh
ops      systemd/named.conf           systemd/system/named.service.d/seckill.conf
redis*   redis/redis.conf             redis/redis.conf
redis*   redis/sentinel.conf          redis/sentinel.conf
redis*   redis/start.sh               redis/start.sh
redis*   systemd/redis-server.conf    systemd/system/redis-server.service.d/seckill.conf
redis*   systemd/redis-sentinel.conf  systemd/system/redis-sentinel.service.d/seckill.conf
pg*      postgres/patroni.yml         patroni/config.yml
pg*      postgres/passwords.env       patroni/passwords.env  600
pg*      postgres/roles.sh            patroni/roles.sh
pg*      systemd/patroni.conf         systemd/system/patroni.service.d/seckill.conf
pg*      postgres/seckill.conf        postgresql/${PG_VERSION}/main/conf.d/seckill.conf
pg*      postgres/seckill_hba.conf    postgresql/${PG_VERSION}/main/seckill_hba.conf
pg*      postgres/promote.sh          seckill/promote.sh
pg*      postgres/rejoin.sh           seckill/rejoin.sh
pg*      postgres/fence.sh            seckill/fence.example.sh
pg*,ops  etcd/etcd.env                default/etcd
pg*,ops  systemd/etcd.conf            systemd/system/etcd.service.d/seckill.conf
app*     systemd/logs.conf            systemd/system/seckill.service.d/logs.conf
*        rsyslog/40-forward.conf      rsyslog.d/40-seckill-forward.conf
*        systemd/rsyslog.conf         systemd/system/rsyslog.service.d/seckill.conf
*        logs/logrotate.conf          logrotate.d/seckill
*        systemd/logrotate-timer.conf systemd/system/logrotate.timer.d/seckill.conf
ops      rsyslog/60-collect.conf      rsyslog.d/60-seckill-collect.conf
ops      logs/find.sh                 seckill/find.sh
ops      logs/seckill.lnav.json       lnav/formats/seckill/seckill.json
ops      prometheus/prometheus.yml    prometheus/prometheus.yml
ops      prometheus/recording.yml     prometheus/recording.yml
ops      prometheus/alerts.yml        prometheus/alerts.yml
ops      prometheus/alertmanager.yml  prometheus/alertmanager.yml
ops      prometheus/console.html      prometheus/consoles/seckill.html
ops      systemd/prometheus.conf      systemd/system/prometheus.service.d/seckill.conf
ops      systemd/prometheus-alertmanager.conf       systemd/system/prometheus-alertmanager.service.d/seckill.conf
*        systemd/prometheus-node-exporter.conf      systemd/system/prometheus-node-exporter.service.d/seckill.conf
edge*    systemd/prometheus-varnish-exporter.conf   systemd/system/prometheus-varnish-exporter.service.d/seckill.conf
redis*   systemd/prometheus-redis-exporter.conf     systemd/system/prometheus-redis-exporter.service.d/seckill.conf
pg*      systemd/prometheus-postgres-exporter.conf  systemd/system/prometheus-postgres-exporter.service.d/seckill.conf
pg*      prometheus/postgres-queries.yml            prometheus/postgres-queries.yml
END
}

# What differs from host to host. Addresses in topology.env are named as the hosts are, in capitals.
of_host='HOST NUMBER ADDRESS PEER_HOST PEER PRIORITY'
describe() {
    HOST=$1
    # The number at the end of the name, empty where there is none.
    NUMBER=$(printf %s "$HOST" | sed 's/^[a-z]*//')
    name=$(printf %s "$HOST" | tr '[:lower:]' '[:upper:]')
    eval "ADDRESS=\${$name:-}"
    # The other one of a pair: edge1 of edge2, pg2 of pg1.
    PEER_HOST='' PEER='' PRIORITY=''
    case $NUMBER in
    1 | 2)
        PEER_HOST=${HOST%?}$((3 - NUMBER))
        eval "PEER=\${${name%?}$((3 - NUMBER)):-}"
        PRIORITY=$((120 - 10 * NUMBER))
        ;;
    esac
    export HOST NUMBER ADDRESS PEER_HOST PEER PRIORITY
}

if [ $# -ne 2 ]; then
    echo "usage: $0 HOST DIRECTORY" >&2
    exit 2
fi
host=$1
directory=$2
# What follows makes it the name of a variable.
case $host in
*[!a-z0-9]*) named=no ;;
edge[0-9]* | app[0-9]* | redis[0-9]* | pg[0-9]* | ops) named=yes ;;
*) named=no ;;
esac
if [ $named = no ]; then
    echo "error: '$host' is no name of a host; they are called edge1, app1, redis1, pg1, ops" >&2
    exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)

set -a
# shellcheck source=/dev/null
. "$here/topology.env"
set +a
describe "$host"
if [ -z "$ADDRESS" ]; then
    echo "error: topology.env has no address of '$host' ($name)" >&2
    exit 2
fi

# Only these are replaced: nginx, Prometheus, the shell and others have variables of their own.
names=$(sed -n 's/^\([A-Z][A-Z0-9_]*\)=.*/\1/p' "$here/topology.env")
# shellcheck disable=SC2086,SC2016
variables=$(printf '${%s} ' $names $of_host)

files | while read -r patterns template target mode; do
    matches=no
    for pattern in $(printf %s "$patterns" | tr , ' '); do
        # shellcheck disable=SC2254
        case $host in $pattern) matches=yes ;; esac
    done
    [ $matches = yes ] || continue
    target=$(printf %s "$target" | envsubst "$variables")
    mkdir -p "$(dirname "$directory/$target")"
    # A file that is there would keep its mode while it is written, and be read half way.
    new=$directory/$target.new
    rm -f "$new"
    (umask 077 && envsubst "$variables" <"$here/$template" >"$new")
    # Not the template's own, which a root with a narrow umask may have made his alone.
    if [ -z "$mode" ]; then if [ -x "$here/$template" ]; then mode=755; else mode=644; fi; fi
    chmod "$mode" "$new"
    mv "$new" "$directory/$target"
done
