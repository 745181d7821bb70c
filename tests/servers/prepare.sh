#!/bin/sh
# Installs the servers into target/servers. Takes minutes, and the network.
set -eu
cd "$(dirname "$0")/../.."
mkdir -p target/servers
python3 -m venv target/servers/python
target/servers/python/bin/pip install --quiet --requirement tests/servers/requirements.txt
