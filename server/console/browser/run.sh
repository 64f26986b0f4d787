#!/bin/sh
# The console of a first economy, in headless Chromium. Needs npm, and a port that is free.
# An argument is a folder that gets pictures.
set -eu
cd "$(dirname "$0")"
npm install --silent --no-audit --no-fund --no-package-lock
work=$(mktemp -d)
: >"$work/printed"
(cd ../../.. && go build -o "$work/teg" ./server/cmd/teg)
"$work/teg" dev --ephemeral --listen 127.0.0.1:18403 >"$work/printed" &
server=$!
trap 'kill $server; rm -r "$work"' EXIT
until grep -q 'Ctrl-C' "$work/printed"; do kill -0 $server; sleep 0.2; done
node check.mjs http://127.0.0.1:18403 "$work/printed" "$@"
