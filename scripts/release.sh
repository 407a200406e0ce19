#!/bin/sh
# Builds products for release, and prints the directory that holds them.
#
#     scripts/release.sh PRODUCT…
#
# No access to a field is checked for overlap at run time, in our targets and in those that they
# stand on; debug builds, and so the tests, check it (docs/decisions/0032-exclusivity.md).
set -eu
cd "$(dirname "$0")/.." >/dev/null
release() { swift build -c release -Xswiftc -enforce-exclusivity=unchecked "$@"; }
for product in "$@"; do release --product "$product" >&2; done
release --show-bin-path
