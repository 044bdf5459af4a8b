// Reads {secret, headers, body} from stdin, the body in base64, and says "ok" where the request is signed as Standard
// Webhooks say and the signature is at most five minutes old. Written without a look at byoe's code: Node's crypto alone.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';

const tolerance = 5 * 60;

function verdict({ secret, headers, body }) {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
  if (!id || !timestamp || !signatures) return 'a header is missing';
  if (!/^[0-9]+$/.test(timestamp)) return 'the timestamp is no number of seconds';
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > tolerance) return 'the timestamp is too far from now';

  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  if (key.length < 24 || key.length > 64) return 'the key is not 24 to 64 bytes long';
  const expected = createHmac('sha256', key)
    .update(`${id}.${timestamp}.`)
    .update(Buffer.from(body, 'base64'))
    .digest();
  const matches = signatures.split(' ').some((entry) => {
    const [version, text] = entry.split(',', 2);
    const given = Buffer.from(text ?? '', 'base64');
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
  });
  return matches ? 'ok' : 'no signature matches';
}

process.stdout.write(verdict(JSON.parse(readFileSync(0, 'utf8'))));
