// An issuer that byoe's authors did not write, giving out tokens in Entra's shape. Form fields of a token request override
// claims; a POST to /roll on the control port adds a key. The first line on stdout is {"url", "control"}.
import http from 'node:http';
import {OAuth2Server} from 'oauth2-mock-server';

const [tenant, audience, caller] = process.argv.slice(2);
const server = new OAuth2Server();
await server.issuer.keys.generate('RS256', {kid: 'first'});
await server.start(0, '127.0.0.1');
server.service.on('beforeTokenSigning', (token, request) => {
  const form = request.body;
  Object.assign(token.payload, {aud: audience, azp: caller, sub: caller, tid: tenant, ver: '2.0'});
  for (const claim of ['aud', 'azp', 'tid', 'iss', 'ver']) if (form[claim]) token.payload[claim] = form[claim];
  if (form.exp) token.payload.exp = Number(form.exp);
});
const control = http.createServer(async (request, response) => {
  await server.issuer.keys.generate('RS256', {kid: 'second'});
  response.end();
}).listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({url: server.issuer.url, control: `http://127.0.0.1:${control.address().port}`}));
});
process.stdin.resume().on('end', () => process.exit(0)); // ends with the test that started it
