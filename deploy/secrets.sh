#!/bin/sh
# Makes the secrets of compose.yaml in deploy/secrets, where they are missing. Nobody else
# can look into that folder; the files in it can be read by the users of the containers.
set -eu
cd "$(dirname "$0")"
mkdir -p secrets
chmod 700 secrets
cd secrets
keep() { [ -s "$1" ] || { cat >"$1" && chmod 444 "$1"; }; }
openssl rand -hex 24 | keep postgres_password
openssl rand -base64 48 | keep jwt_secret_key
printf 'postgres://teg:%s@database:5432/teg?sslmode=disable\n' "$(cat postgres_password)" | keep database_url
