#!/bin/sh
# Has every program look through its own files below a directory that is an image of /etc, as
# render.sh writes it:
#   check.sh DIRECTORY
# Ends with 1 if anything is wrong, and says what. Files name one another by where they lie on the
# host, so DIRECTORY is laid over a copy of /etc in a namespace of its own. Needs no root where
# users may have namespaces.
set -eu

# Which files (patterns of the shell below DIRECTORY, in which * stands for a / as well), the Debian
# package of the checker, and the command, which finds the whole path in $file.
checks() {
    cat <<'END'
haproxy/haproxy.cfg                haproxy      haproxy -c -f "$file"
keepalived/keepalived.conf         keepalived   check_keepalived "$file"
varnish/*.vcl                      varnish      varnishd -C -j none -n /run/varnish/check -f "$file"
nginx/nginx.conf                   nginx        check_nginx "$file"
bind/named.conf                    bind9-utils  named-checkconf -z "$file"
redis/redis.conf                   redis-server    check_redis "$file"
redis/sentinel.conf                redis-sentinel  check_redis "$file" --sentinel
patroni/config.yml                 patroni         check_patroni "$file"
postgresql/*/conf.d/seckill.conf   postgresql      check_postgres "$file"
systemd/system/*.service           systemd      verify_unit "${file##*/}"
systemd/system/*.timer             systemd      verify_unit "${file##*/}"
systemd/system/*.d/*.conf          systemd      verify_drop_in "$file"
rsyslog.d/*.conf                   rsyslog      rsyslogd -N1 -f "$file"
logrotate.d/seckill                logrotate    logrotate --debug "$file"
prometheus/prometheus.yml          prometheus   promtool check config "$file"
prometheus/alertmanager.yml        prometheus-alertmanager  amtool check-config "$file"
*.json                             jq           jq empty "$file"
*.sh                               dash         dash -n "$file"
seckill/pacemaker/edge             dash         dash -n "$file"
END
}

# It binds its ports and, as root, gives directories away, which a user's namespace does not let it.
check_nginx() {
    if [ "$user" -eq 0 ]; then
        nginx -t -q -c "$1"
    else
        unshare --user --map-user="$user" --net --keep-caps nginx -t -q -c "$1"
    fi
}

# It wants its scripts, and every directory above them, to be root's, of whom a user's namespace
# knows nothing.
check_keepalived() {
    if [ "$user" -eq 0 ]; then
        keepalived -t -f "$1"
    else
        if keepalived -t -f "$1" 2>&1 | grep -v insecure; then return 1; fi
    fi
}

# Redis has no check: it reads its file, or it does not start.
check_redis() {
    cp "$1" /run/check.conf
    redis-server /run/check.conf ${2:-} --port 0 --unixsocket /run/check.redis --dir /run \
        --logfile '' --daemonize no &
    server=$!
    while kill -0 $server && ! redis-cli -s /run/check.redis ping; do sleep 0.05; done
    redis-cli -s /run/check.redis shutdown nosave || true
    wait $server
}

# It wants to listen, to reach etcd, and to be told twice who may connect, which we tell once.
check_patroni() {
    noise='already in use\|is not reachable\|^bootstrap.pg_hba  is not defined'
    if patroni --validate-config "$1" 2>&1 | grep -v "$noise"; then return 1; fi
}

check_postgres() {
    "$(find /usr/lib/postgresql -name postgres -type f | sort -V | tail -n 1)" \
        -C port -D /run -c config_file="$1"
}

verify_unit() {
    systemd-analyze verify --man=no "$1"
}

# A drop-in is looked through as a part of the unit that it changes.
verify_drop_in() {
    verify_unit "$(basename "$(dirname "$1")" .d)"
}

# What the start of the units would make, and what a distribution does not have.
prepare() {
    for directory in /run /var/lib /var/log /usr/local/bin; do
        mount -t tmpfs -o mode=755 tmpfs $directory
    done
    mkdir -p /run/haproxy /run/varnish /run/keepalived /var/lib/haproxy /var/lib/nginx
    mkdir -p /var/lib/bind /var/log/nginx /var/lib/redis
    ln -s /bin/true /usr/local/bin/seckill
    # keepalived wants to see the interface.
    ip link set lo up
    ip link add "$(sed -n 's/^INTERFACE=//p' "$here/topology.env")" type veth
    if [ -e /etc/bind/shop.zone ]; then
        cp /etc/bind/shop.zone /var/lib/bind
        # Every installation makes its own.
        [ -e /etc/bind/seckill.key ] || tsig-keygen seckill >/etc/bind/seckill.key
    fi
}

check() {
    wrong=0
    while read -r path; do
        # shellcheck disable=SC2034
        file=/etc/$path
        checks >/run/checks
        while read -r pattern package command; do
            # shellcheck disable=SC2254
            case $path in $pattern) ;; *) continue ;; esac
            program=${command%% *}
            if ! command -v "$program" >/dev/null; then
                echo "$path: not checked, $program is missing (package $package)" >&2
                wrong=1
            elif ! (eval "$command") >/run/said 2>&1 </dev/null; then
                echo "$path: refused by: $command" >&2
                grep -v '^$' /run/said | tail -n 40 | sed 's/^/    /' >&2
                wrong=1
            fi
        done </run/checks
    done <"$1"
    return $wrong
}

here=$(cd "$(dirname "$0")" && pwd)
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
case ${1:-} in
--inside)
    mount --bind "$2/etc" /etc
    prepare
    user=$3
    check "$2/files"
    ;;
*)
    if [ $# -ne 1 ] || [ ! -d "$1" ]; then
        echo "usage: $0 DIRECTORY" >&2
        exit 2
    fi
    temporary=$(mktemp -d)
    trap 'rm -rf "$temporary"' EXIT
    mkdir "$temporary/etc"
    # What only root may read, no check needs.
    cp -a /etc/. "$temporary/etc" 2>/dev/null || true
    cp -a "$1/." "$temporary/etc"
    (cd "$1" && find . -type f) | sed 's,^\./,,' | sort >"$temporary/files"
    user=$(id -u)
    as_root=''
    if [ "$user" -ne 0 ]; then as_root='--user --map-root-user'; fi
    # shellcheck disable=SC2086
    unshare $as_root --mount --net "$0" --inside "$temporary" "$user"
    ;;
esac
