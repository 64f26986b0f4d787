#!/bin/sh
# Does what the Dockerfile does, without Docker, and lives in the image for a moment: a
# folder with the binary and the certificates, of which nothing but /var/lib/teg can be
# written, as a user without a name. Needs root, for chroot and a mount. make image-check
set -eu
cd "$(dirname "$0")/.."
image=$(mktemp -d)
server=
clean() {
	[ -z "$server" ] || kill "$server" 2>/dev/null || true
	umount "$image/root/var/lib/teg" 2>/dev/null || true
	umount "$image/root" 2>/dev/null || true
	rm -rf --one-file-system "$image"
}
trap clean EXIT
mkdir -p "$image/root" "$image/content/var/lib/teg" "$image/content/etc/ssl/certs" "$image/data"
flags=$(sed -n 's/.*go build \(-trimpath.*\) \\$/\1/p' Dockerfile)
for name in teg again; do # the second in another place, to see that it is the same
	mkdir -p "$image/$name"
	git ls-files -z --cached --others --exclude-standard | tar --null --files-from=- -cf - | tar -xf - -C "$image/$name"
	# shellcheck disable=SC2086 # several flags
	(cd "$image/$name" && CGO_ENABLED=0 go build $flags -ldflags "-s -w -buildid= -X main.version=1.2.3" -o ../"$name.bin" ./server/cmd/teg)
done
cmp "$image/teg.bin" "$image/again.bin"
mv "$image/teg.bin" "$image/content/teg"
cp /etc/ssl/certs/ca-certificates.crt "$image/content/etc/ssl/certs/"
chown 65532:65532 "$image/data"
chmod 755 "$image" "$image/content"
mount --bind "$image/content" "$image/root"
mount -o remount,bind,ro "$image/root"
mount --bind "$image/data" "$image/root/var/lib/teg"
secret=$(openssl rand -base64 48)
inside() { # the program, in place of the shell that it is called in
	exec env -i ENVIRONMENT=production LOG_FORMAT=json DATABASE_URL=sqlite:///var/lib/teg/teg.db LISTEN_ADDR=127.0.0.1:18123 \
		JWT_SECRET_KEY="$secret" "$(command -v chroot)" --userspec=65532:65532 "$image/root" /teg "$@"
}
(inside version)
(inside migrate up)
! (inside health) || exit 1 # nobody serves yet
inside serve &
server=$!
for _ in $(seq 100); do
	(inside health) >/dev/null 2>&1 && break
	sleep 0.3
done
(inside health)
(inside verify)
(inside backup /var/lib/teg/copy.db)
! (inside export /nowhere.jsonl) || exit 1 # the root is read-only
kill "$server" && wait "$server"
server=
umount "$image/root/var/lib/teg"
ls -l "$image/content/teg"
echo "the image works"
