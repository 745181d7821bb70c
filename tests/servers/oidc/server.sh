# Read by run.sh.
port=4266
url=http://127.0.0.1:$port
document=$url/openapi.json
registry=
# Modules are found beside the script.
cp "$here/oidc/server.js" "$here/oidc/openapi.json" "$installed/"
node "$installed/server.js" "$port" >"$work/log" 2>&1 &
server=$!
