#!/bin/sh
# Generates a client of a real server from the document that the server serves, calls the server with it, adds overlay
# actions for the deviations of the server, and calls it again: tests/servers/run.sh prefect
#
# The crate is added to this workspace, and removed at the end. Needs tests/servers/prepare.sh prefect.
set -eu
name=$1
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
cd "$root"
installed=$root/target/servers/$name
work=$(mktemp -d)
# Sets `url` and `document`, and starts the server as `server`.
. "$here/$name/server.sh"
finish() {
    kill "$server" 2>/dev/null || true
    cargo xtask remove "$name" >/dev/null || true
    rm -rf "$work"
}
trap finish EXIT
tries=0
until curl --silent --fail --output "$work/openapi.json" "$document"; do
    tries=$((tries + 1))
    [ "$tries" -lt 120 ] || { echo "the server does not start"; cat "$work/log"; exit 1; }
    sleep 1
done

cargo xtask new "$name" "$work/openapi.json" --no-snapshots >/dev/null
sed -i "s|^crate = \"$name-client\"|&\n$registry|" specs/apis.toml
cargo xtask regen "$name" >/dev/null
mkdir -p "$name-client/examples/calls"
cp "$here/$name/calls.rs" "$name-client/examples/calls/main.rs"
cp "$here/steps.rs" "$name-client/examples/calls/"
calls() {
    BASE_URL=$url RECORD=$1 cargo run --quiet --package "$name-client" --example calls
}
echo "== as generated"
calls "$work/first.jsonl" || true
# Exits with 1 where the server deviates.
cargo xtask observe "$name" --har "$work/first.jsonl" || true
cargo xtask observe "$name" --har "$work/first.jsonl" --write >/dev/null
cargo xtask regen "$name" >/dev/null
echo "== with the overlay of the observation"
calls "$work/second.jsonl"
for recording in first second; do
    cargo xtask observe "$name" --har "$work/$recording.jsonl"
done
