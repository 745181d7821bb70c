# Read by run.sh.
port=4277
url=http://127.0.0.1:$port
document=$url/openapi.json
registry=
export PHOENIX_HOST=127.0.0.1 PHOENIX_PORT=$port PHOENIX_GRPC_PORT=4278 PHOENIX_WORKING_DIR="$work"
export PHOENIX_TELEMETRY_ENABLED=false
"$installed/bin/phoenix" serve >"$work/log" 2>&1 &
server=$!
