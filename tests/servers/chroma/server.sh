# Read by run.sh.
port=4288
url=http://127.0.0.1:$port
document=$url/openapi.json
registry=
export ANONYMIZED_TELEMETRY=false
"$installed/bin/chroma" run --host 127.0.0.1 --port "$port" --path "$work/chroma" >"$work/log" 2>&1 &
server=$!
