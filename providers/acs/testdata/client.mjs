// Sends one mail with Azure's own client for JavaScript: node client.mjs CONNECTION_STRING
// It asks by itself what has become of the mail, so that a GET is signed too.
import {createRequire} from 'node:module';
const {EmailClient} = createRequire(process.env.BYOE_NODE_MODULES + '/')('@azure/communication-email');
const client = new EmailClient(process.argv[2], {allowInsecureConnection: true, retryOptions: {maxRetries: 0}});
const poller = await client.beginSend({
  senderAddress: 'no-reply@contoso.example', content: {subject: 'Überprüfung', plainText: '12345678'},
  recipients: {to: [{address: 'person@example.org'}]},
}, {updateIntervalInMs: 50});
await poller.pollUntilDone();
process.exit(0);
