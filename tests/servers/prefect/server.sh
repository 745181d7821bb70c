# Read by run.sh.
port=4299
url=http://127.0.0.1:$port/api
document=http://127.0.0.1:$port/openapi.json
registry='operation_names = "strip-path-suffix"'
export PREFECT_HOME="$work/prefect" PREFECT_SERVER_ANALYTICS_ENABLED=false
"$installed/bin/prefect" server start --host 127.0.0.1 --port "$port" --no-ui \
    >"$work/log" 2>&1 &
server=$!
