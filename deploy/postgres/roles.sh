#!/bin/sh
# Makes the roles and the database of a new cluster, once, on the primary:
#   roles.sh [CONNINFO]
# Patroni calls it after it has made the cluster. By hand: as postgres, with passwords.env exported.
set -eu

# A role of its own for the standby, without superuser. Beside streaming it may read what pg_rewind
# reads, begin a checkpoint, see who streams, and name itself the synchronous standby: that is all
# that rejoin.sh does on the primary. Patroni hides its password from us, and sets it afterwards.
export PGOPTIONS='-c synchronous_commit=local'
exec psql -X -q -v ON_ERROR_STOP=1 "${1:-dbname=postgres}" <<'SQL'
\getenv seckill SECKILL_DATABASE_PASSWORD
\getenv replicator PATRONI_REPLICATION_PASSWORD
create role seckill login password :'seckill';
create database seckill owner seckill;
create role replicator login replication;
\if :{?replicator}
alter role replicator password :'replicator';
\endif
grant pg_monitor, pg_checkpoint to replicator;
grant execute on function pg_ls_dir(text, boolean, boolean), pg_stat_file(text, boolean),
    pg_read_binary_file(text), pg_read_binary_file(text, bigint, bigint, boolean),
    pg_reload_conf() to replicator;
grant alter system on parameter synchronous_standby_names to replicator;
-- What postgres_exporter asks as; it comes by the socket, from the user of its own name.
create role prometheus login;
grant pg_monitor to prometheus;
SQL
