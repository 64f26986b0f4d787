#!/bin/sh
# Does what docs/operations.md says of base backups, on servers of its own: a PostgreSQL
# that archives its log, a backup while a load runs, a restore to the last that was
# archived, and a proof of the books. Runs as any user but root; as root it takes the user
# postgres. make backup-check
set -eu
cd "$(dirname "$0")/.."
bin=$(dirname "$(readlink -f "$(command -v initdb || ls /usr/lib/postgresql/*/bin/initdb | tail -n 1)")")
work=$(mktemp -d)
chmod 755 "$work"
as=
if [ "$(id -u)" = 0 ]; then
	as="runuser -u postgres --"
	chown postgres "$work"
fi
clean() {
	for place in one two; do
		$as "$bin/pg_ctl" -D "$work/$place" -m immediate stop >/dev/null 2>&1 || true
	done
	rm -rf "$work"
}
trap clean EXIT
go build -o "$work/teg" ./server/cmd/teg
begin() { # a data directory, a port
	$as "$bin/pg_ctl" -D "$work/$1" -o "-p $2 -k $work -c listen_addresses=127.0.0.1" -l "$work/$1.log" -w start >/dev/null
}
$as "$bin/initdb" -D "$work/one" --auth=trust -U postgres >/dev/null
$as mkdir "$work/log"
$as sh -c "printf '%s\n' 'archive_mode = on' \"archive_command = 'cp %p $work/log/%f'\" >> '$work/one/postgresql.conf'"
begin one 54331
url=postgres://postgres@127.0.0.1
export DATABASE_URL=$url:54331/postgres
"$work/teg" migrate up >/dev/null
ratings() { # traders, so many lines, beginning at a time
	awk -v n="$2" -v from="$3" -v traders="$1" 'BEGIN { for (i = 0; i < n; i++) printf "%d,%d,5,%d\n", 1 + i % traders, 1 + (i + 1) % traders, from + i }'
}
ratings 50 4000 1300000000 >"$work/load.csv"
"$work/teg" import --ratings "$work/load.csv" --top 0 >"$work/load.txt" &
load=$!
$as "$bin/pg_basebackup" --pgdata="$work/two" --wal-method=stream --checkpoint=fast --dbname="$url:54331/postgres"
$as "$bin/pg_verifybackup" "$work/two"
wait "$load"
ratings 50 100 1400000000 >"$work/later.csv" # which only the log has
"$work/teg" import --ratings "$work/later.csv" --top 0 >/dev/null
before=$("$work/teg" export - | sha256sum)
"$bin/psql" -qAt "$DATABASE_URL" -c "SELECT pg_switch_wal()" >/dev/null
$as "$bin/pg_ctl" -D "$work/one" -m fast -w stop >/dev/null
$as sh -c "printf '%s\n' \"restore_command = 'cp $work/log/%f %p'\" 'archive_mode = off' >> '$work/two/postgresql.conf'; touch '$work/two/recovery.signal'"
begin two 54332
export DATABASE_URL=$url:54332/postgres
until [ "$("$bin/psql" -qAt "$DATABASE_URL" -c 'SELECT pg_is_in_recovery()')" = f ]; do sleep 0.2; done
"$work/teg" verify
[ "$before" = "$("$work/teg" export - | sha256sum)" ] || { echo "what was restored is not what there was" >&2; exit 1; }
echo "the base backup works: nothing was lost"
