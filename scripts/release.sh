#!/bin/sh
# Builds products for release, and prints the directory that holds them.
#
#     scripts/release.sh PRODUCT…
#
# Swift's libraries are linked in: calls of them cost less, and a machine that runs the service needs no Swift (docs/decisions/0043-static-runtime.md).
#
# No access to a field is checked for overlap at run time, in our targets and in those that they
# stand on; debug builds, and so the tests, check it (docs/decisions/0032-exclusivity.md).
set -eu
cd "$(dirname "$0")/.." >/dev/null
# What `seckill version` says.
BUILD_COMMIT=${BUILD_COMMIT:-$(git rev-parse HEAD 2>/dev/null || echo unknown)}
export BUILD_COMMIT
release() { swift build -c release -Xswiftc -enforce-exclusivity=unchecked --static-swift-stdlib "$@"; }
for product in "$@"; do release --product "$product" >&2; done
release --show-bin-path
