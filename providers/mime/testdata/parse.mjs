// Reads mails, one base64 line each, and prints what a parser of another make found in each, one line of JSON.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(process.env.BYOE_NODE_MODULES + "/");
const { simpleParser } = require("mailparser");

for await (const line of createInterface({ input: process.stdin })) {
  const mail = await simpleParser(Buffer.from(line, "base64"), { skipTextToHtml: true, skipHtmlToText: true, skipImageLinks: true });
  console.log(JSON.stringify({
    subject: mail.subject, text: mail.text, html: mail.html, to: mail.to.text, fromName: mail.from.value[0].name, fromCount: mail.from.value.length,
    fromAddress: mail.from.value[0].address, fields: mail.headerLines.map(h => h.key), attachments: mail.attachments.length,
  }));
}
