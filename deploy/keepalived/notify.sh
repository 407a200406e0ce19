#!/bin/sh
# keepalived calls this with INSTANCE or GROUP, its name, the new state and the priority: says so
# in a line of JSON and in a metric for node_exporter's textfile collector.
set -u
name=$2
state=$3
priority=$4

time=$(date -u +%Y-%m-%dT%H:%M:%S.%3NZ)
line="{\"time\":\"$time\",\"level\":\"notice\",\"logger\":\"keepalived\""
line="$line,\"message\":\"$name is $state\",\"host\":\"${HOST}\""
line="$line,\"vrrp\":\"$name\",\"state\":\"$state\",\"priority\":$priority}"
# The file is there where no syslog is.
echo "$line" >>/var/log/keepalived.jsonl
logger --tag keepalived --priority daemon.notice -- "$line" 2>/dev/null || true

directory=/var/lib/prometheus/node-exporter
mkdir -p $directory
{
    echo '# HELP keepalived_vrrp_state 1 for the state that the VRRP instance is in.'
    echo '# TYPE keepalived_vrrp_state gauge'
    for each in MASTER BACKUP FAULT STOP; do
        value=0
        [ "$each" = "$state" ] && value=1
        echo "keepalived_vrrp_state{vrrp=\"$name\",state=\"$each\"} $value"
    done
} >$directory/keepalived.prom.$$
# keepalived gives its scripts a umask that would keep the exporter from reading it.
chmod 644 $directory/keepalived.prom.$$
mv $directory/keepalived.prom.$$ $directory/keepalived.prom
