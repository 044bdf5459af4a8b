// An SMTP server that byoe's authors did not write. It takes every mail of whoever logs in over STARTTLS, says its port on the
// first line, and for each line on stdin how many mails it has.
import readline from 'node:readline';
import {SMTPServer} from 'smtp-server';

const {username, password, key, cert, hidePIPELINING} = JSON.parse(process.argv[2]);
let mails = 0;
const server = new SMTPServer({
  key, cert, hidePIPELINING,
  authMethods: ['PLAIN'],
  disableReverseLookup: true, // it would measure the machine's DNS
  onAuth: (auth, session, done) => auth.username === username && auth.password === password
    ? done(null, {user: username}) : done(new Error('wrong password')),
  onData: (stream, session, done) => stream.resume().on('end', () => done(null, `taken, ${++mails} so far`)),
});
server.on('error', () => {}); // a client that hangs up in a dialogue is its own affair
server.listen(0, '127.0.0.1', () => console.log(server.server.address().port));
readline.createInterface({input: process.stdin}).on('line', () => console.log(mails));
process.stdin.on('end', () => process.exit(0)); // ends with the benchmark that started it
