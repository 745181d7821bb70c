// An OpenID provider, and an API that takes its tokens: node server.js PORT
//
// The API checks each token by the provider's introspection (RFC 7662), as a separate client of the provider.
// `server.sh` copies this file beside the installed modules.

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { Provider } from 'oidc-provider';

const port = Number(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;
const api = { id: 'api', secret: 'the secret of the API' };

const client = (client_id, client_secret, token_endpoint_auth_method, scope) => ({
  client_id,
  client_secret,
  token_endpoint_auth_method,
  scope,
  grant_types: ['client_credentials'],
  redirect_uris: [],
  response_types: [],
});

const provider = new Provider(issuer, {
  clients: [
    // Characters that RFC 6749, section 2.3.1, encodes.
    client('shop: 100%', 'p+w/:%20&=~"\\', 'client_secret_basic', 'things.read things.write'),
    client('reader', 'a secret in the body +/%', 'client_secret_post', 'things.read'),
    client('brief', 'a secret for two seconds', 'client_secret_basic', 'things.read'),
    client(api.id, api.secret, 'client_secret_basic'),
  ],
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    introspection: { enabled: true, allowedPolicy: (_, caller) => caller.clientId === api.id },
  },
  scopes: ['things.read', 'things.write'],
  ttl: { ClientCredentials: (_, token, client) => (client.clientId === 'brief' ? 2 : 600) },
});

let issued = 0;
let refused = 0;
provider.on('grant.success', () => {
  issued += 1;
});
// The tokens that were used, so that they can be revoked.
const used = new Set();
const things = [];

async function introspect(token) {
  const basic = [api.id, api.secret].map(encodeURIComponent).join(':');
  const response = await fetch(`${issuer}/token/introspection`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(basic).toString('base64')}` },
    body: new URLSearchParams({ token }),
  });
  if (!response.ok) throw new Error(`introspection: ${response.status} ${await response.text()}`);
  return response.json();
}

function send(response, status, value, headers = {}) {
  const type = status < 400 ? 'application/json' : 'application/problem+json';
  response.writeHead(status, value === undefined ? headers : { 'content-type': type, ...headers });
  response.end(value === undefined ? undefined : JSON.stringify(value));
}

// RFC 6750, section 3.
function refuse(response, status, code) {
  refused += 1;
  const challenge = code ? `Bearer error="${code}"` : 'Bearer';
  send(response, status, { title: code ?? 'a token is missing', status }, { 'www-authenticate': challenge });
}

async function withScope(request, response, scope, respond) {
  const [scheme, token] = (request.headers.authorization ?? '').split(' ');
  if (scheme !== 'Bearer' || !token) return refuse(response, 401);
  used.add(token);
  const found = await introspect(token);
  if (!found.active) return refuse(response, 401, 'invalid_token');
  if (!(found.scope ?? '').split(' ').includes(scope)) return refuse(response, 403, 'insufficient_scope');
  return respond();
}

async function body(request) {
  let text = '';
  for await (const chunk of request) text += chunk;
  return JSON.parse(text);
}

const routes = {
  'GET /openapi.json': async (_, response) => {
    const document = await readFile(new URL('openapi.json', import.meta.url), 'utf8');
    send(response, 200, JSON.parse(document));
  },
  'GET /things': (request, response) =>
    withScope(request, response, 'things.read', () => send(response, 200, things)),
  'POST /things': (request, response) =>
    withScope(request, response, 'things.write', async () => {
      const thing = await body(request);
      things.push(thing);
      send(response, 201, thing);
    }),
  'GET /tokens': (_, response) => send(response, 200, { issued, refused }),
  'DELETE /tokens': async (_, response) => {
    for (const value of used) {
      const token = await provider.ClientCredentials.find(value);
      await token?.destroy();
    }
    used.clear();
    send(response, 204);
  },
};

const oauth = provider.callback();
createServer(async (request, response) => {
  const route = routes[`${request.method} ${request.url.split('?')[0]}`];
  try {
    await (route ?? oauth)(request, response);
  } catch (error) {
    console.error(error);
    send(response, 500, { title: 'the API failed', status: 500 });
  }
}).listen(port, '127.0.0.1');
