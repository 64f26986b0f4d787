#!/bin/sh
# Walks the console of a first economy in Chromium. Needs npm, and a Chromium: TEG_CHROMIUM says
# where it is, if not at /usr/bin/chromium. An argument is a folder that gets pictures.
set -eu
cd "$(dirname "$0")"
npm ci --silent --no-audit --no-fund
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
(cd ../../.. && go build -o "$work/teg" ./server/cmd/teg)
node walk.mjs "$work" "$@"
