#!/bin/sh
# Whether this edge, HAProxy or nginx, answers: with 404, as it does for health checks from outside.
printf 'GET /livez HTTP/1.1\r\nHost: ${DOMAIN}\r\nConnection: close\r\n\r\n' \
    | timeout 1 socat -t 1 - "TCP4:${ADDRESS}:${SHOP_PORT}" 2>/dev/null \
    | grep -q '^HTTP/1.1 404'
