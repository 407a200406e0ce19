#!/bin/sh
# Installs what `make faults` needs beyond what `make test` needs: libfaketime, for nodes with a wrong clock. A test that lacks it says so and does not run.
set -eu

for library in /usr/lib/*/faketime/libfaketimeMT.so.1; do
    if [ -e "$library" ]; then exit 0; fi
done
as_root=''
if [ "$(id -u)" -ne 0 ]; then as_root=sudo; fi
if ! command -v apt-get >/dev/null 2>&1 || { [ -n "$as_root" ] && ! command -v sudo >/dev/null 2>&1; }; then
    echo "note: libfaketime is not installed and cannot be; the test of wrong clocks will not run" >&2
    exit 0
fi
echo "installing: faketime" >&2
install() {
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends faketime
}
install || { $as_root apt-get update --quiet && install; }
