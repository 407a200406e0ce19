#!/bin/sh
# Holds a running service to what its documents promise: docs/openapi.yaml and
# docs/openapi-admin.yaml, the snippets of docs/integrate.md, and webhooks that a stock library
# believes.
set -eu
cd "$(dirname "$0")/.."
# Whether a promise is kept shows in what the tests have built, too, and a machine that builds
# everything from nothing has done enough.
if [ -n "${CI:-}" ]; then bin=$(swift build --show-bin-path); else bin=$(scripts/release.sh seckill); fi
scripts/schemathesis.sh "$bin"
scripts/snippets.sh "$bin"
scripts/webhooks.sh "$bin"
