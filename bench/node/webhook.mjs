// node webhook.mjs fastify|express: the webhook as well as it can be written for Node, for bench's side-by-side.
// It checks the bearer token with jose, whose keys are fetched once, and hands the mail to nodemailer's pool, whose
// connections stay open. Settings come by byoe's names; SMTP is host:port.
import { createRemoteJWKSet, jwtVerify } from 'jose';
import nodemailer from 'nodemailer';

const { ENTRA_TENANT_ID: tenant, ENTRA_AUDIENCE: audience, ENTRA_AUTHORITY: authority, SMTP: server } = process.env;
const path = '/api/EmailOtpSend';
const answer = {
  data: {
    '@odata.type': 'microsoft.graph.OnOtpSendResponseData',
    actions: [{ '@odata.type': 'microsoft.graph.OtpSend.continueWithDefaultBehavior' }],
  },
};

const metadata = await (await fetch(`${authority}/.well-known/openid-configuration`)).json();
const keys = createRemoteJWKSet(new URL(metadata.jwks_uri));
const [host, port] = server.split(':');
const mail = nodemailer.createTransport({
  host, port: Number(port), secure: false, ignoreTLS: true, pool: true, maxConnections: 16, maxMessages: Infinity,
});

async function send(authorization, { data }) {
  const token = (authorization ?? '').slice('Bearer '.length);
  const { payload } = await jwtVerify(token, keys, { audience, issuer: metadata.issuer, algorithms: ['RS256'] });
  if (payload.tid !== tenant) throw new Error('another tenant');
  const { identifier, oneTimeCode } = data.otpContext;
  await mail.sendMail({
    from: 'Contoso <no-reply@contoso.example>', to: identifier, subject: `${oneTimeCode} is your Contoso code`,
    text: `Your code is ${oneTimeCode}.`, html: `<p>Your code is <b>${oneTimeCode}</b>.</p>`,
  });
  return answer;
}

async function startExpress() {
  const { default: express } = await import('express');
  const app = express();
  app.use(express.json());
  app.post(path, (request, response) => {
    send(request.headers.authorization, request.body).then((sent) => response.json(sent), () => response.status(500).end());
  });
  return new Promise((resolve) => { const listening = app.listen(0, '127.0.0.1', () => resolve(listening.address())); });
}

async function startFastify() {
  const { default: fastify } = await import('fastify');
  const app = fastify();
  app.post(path, (request) => send(request.headers.authorization, request.body));
  await app.listen({ port: 0, host: '127.0.0.1' });
  return app.server.address();
}

const address = await (process.argv[2] === 'express' ? startExpress() : startFastify());
console.log(`listening ${address.address}:${address.port}`);
