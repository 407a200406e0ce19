#!/bin/sh
# Makes this host (${HOST}) the synchronous standby of the primary ${PEER_HOST}, without Patroni:
#   rejoin.sh
# As root or postgres, with Postgres stopped here. For a primary that was replaced, a standby that
# was away for too long, and a host that has no data yet. Exits when ${HOST} is synchronous again.
# The password of `replicator` is in ~postgres/.pgpass: ${PEER}:${PG_PORT}:*:replicator:PASSWORD
set -eu

data=/var/lib/postgresql/${PG_VERSION}/main
config=/etc/postgresql/${PG_VERSION}/main/postgresql.conf
bin=/usr/lib/postgresql/${PG_VERSION}/bin
primary="host=${PEER} port=${PG_PORT} user=replicator application_name=${HOST} connect_timeout=3"

if [ "$(id -u)" -eq 0 ]; then exec runuser -u postgres -- "$0" "$@"; fi
cd /
at_primary() { psql -XAtq -v ON_ERROR_STOP=1 -c "$1" "$primary dbname=postgres"; }

if [ -e $data/postmaster.pid ] && $bin/pg_ctl -D $data status >/dev/null; then
    echo "error: Postgres runs here; stop it first (pg_ctlcluster ${PG_VERSION} main stop)" >&2
    exit 4
fi
if [ "$(at_primary 'select pg_is_in_recovery()')" != f ]; then
    echo "error: ${PEER_HOST} is no primary that takes our password" >&2
    exit 6
fi

# What the old primary alone has was confirmed to nobody, and is undone. A rewind copies what
# differs, a base backup everything. (In a condition, as it is called, no command ends the script.)
rewind() {
    [ -s $data/PG_VERSION ] || return 1
    # Until its next checkpoint a promoted server has its old timeline on record, and pg_rewind
    # would find nothing to do.
    at_primary checkpoint || return 1
    $bin/pg_rewind --target-pgdata=$data --config-file=$config --write-recovery-conf \
        --source-server="$primary dbname=postgres" >&2
}
if ! rewind; then
    if [ -s $data/PG_VERSION ]; then
        # To be looked at, and removed by hand.
        kept=$data.before-$(date +%Y%m%dT%H%M%S)
        mv $data "$kept"
        echo "no rewind: what was here is in $kept; taking a base backup" >&2
    fi
    $bin/pg_basebackup --pgdata=$data --dbname="$primary" --checkpoint=fast --wal-method=stream \
        --write-recovery-conf >&2
fi
# From whichever server it was copied, it is not for us.
sed -i '/^synchronous_standby_names/d' $data/postgresql.auto.conf
pg_ctlcluster ${PG_VERSION} main start

# Until it streams nobody waits for it, and then every COMMIT does.
waited=0
state() {
    at_primary "select $1 from pg_stat_replication where application_name = '${HOST}'"
}
until [ "$(state state)" = streaming ]; do
    waited=$((waited + 1))
    if [ $waited -gt 600 ]; then
        echo "error: ${HOST} does not stream after a minute; ${PEER_HOST} still has no standby" >&2
        exit 1
    fi
    sleep 0.1
done
at_primary "alter system set synchronous_standby_names = 'FIRST 1 (${HOST})'"
at_primary 'select pg_reload_conf()' >/dev/null
until [ "$(state "state || '/' || sync_state")" = streaming/sync ]; do sleep 0.1; done
echo "${HOST} is the synchronous standby of ${PEER_HOST}" >&2
