// For each line on stdin nodemailer sends so many mails one after the other, and says how many went.
import readline from 'node:readline';
import nodemailer from 'nodemailer';

const {host, port, username, password, cert, pool, mail} = JSON.parse(process.argv[2]);
const transport = nodemailer.createTransport({
  host, port, requireTLS: true, tls: {ca: cert}, auth: {user: username, pass: password},
  pool, maxConnections: 1,
  maxMessages: Infinity, // by default it gives up a connection after 100 mails
});
process.stdin.on('end', () => process.exit(0)); // ends with the benchmark that started it
console.log('ready');
for await (const line of readline.createInterface({input: process.stdin})) {
  let sent = 0;
  while (sent < Number(line)) {
    await transport.sendMail(mail);
    sent++;
  }
  console.log(sent);
}
