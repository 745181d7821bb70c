#!/bin/sh
# Installs servers into target/servers, each into a separate folder: tests/servers/prepare.sh prefect chroma
#
# Without names, it installs all. Takes minutes, and the network.
set -eu
cd "$(dirname "$0")"
[ $# -gt 0 ] || set -- $(ls -d */ | tr -d /)
installed=$(cd ../.. && pwd)/target/servers
for name in "$@"; do
    mkdir -p "$installed/$name"
    if [ -f "$name/package.json" ]; then
        cp "$name/package.json" "$installed/$name/"
        npm install --prefix "$installed/$name" --no-audit --no-fund --no-package-lock
    else
        python3 -m venv "$installed/$name"
        "$installed/$name/bin/pip" install --quiet --requirement "$name/requirements.txt"
    fi
done
