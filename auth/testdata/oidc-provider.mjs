// A certified OpenID provider that byoe's authors did not write: client credentials, RS256 access tokens (at+jwt), two
// keys in its document. The first line on stdout is {"url"}.
import crypto from 'node:crypto';
import http from 'node:http';
import Provider from 'oidc-provider';

const [tenant, audience, caller] = process.argv.slice(2);
const jwk = (kid) => ({...crypto.generateKeyPairSync('rsa', {modulusLength: 2048}).privateKey.export({format: 'jwk'}), kid, use: 'sig', alg: 'RS256'});
const listener = http.createServer().listen(0, '127.0.0.1', () => {
  const url = `http://127.0.0.1:${listener.address().port}`;
  const provider = new Provider(url, {
    clients: [{client_id: caller, client_secret: 'secret', grant_types: ['client_credentials'], redirect_uris: [], response_types: []}],
    jwks: {keys: [jwk('first'), jwk('second')]},
    features: {
      clientCredentials: {enabled: true},
      devInteractions: {enabled: false},
      resourceIndicators: {
        enabled: true,
        defaultResource: () => 'urn:webhook',
        getResourceServerInfo: () => ({scope: 'send', audience, accessTokenFormat: 'jwt', jwt: {sign: {alg: 'RS256'}}}),
      },
    },
    extraTokenClaims: () => ({azp: caller, tid: tenant, ver: '2.0'}),
  });
  listener.on('request', provider.callback());
  console.log(JSON.stringify({url}));
});
process.stdin.resume().on('end', () => process.exit(0)); // ends with the test that started it
