import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

// The machine's ceiling: a server that reads a body, parses it, and writes the answer in the file that it is started with, without a
// framework, a check or a thought. What any service of one thread can reach with such bodies and answers.

const answer: unknown = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    JSON.parse(Buffer.concat(chunks).toString());
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answer));
  });
}).listen(0, '127.0.0.1');
await once(server, 'listening');
console.log(`bare server at http://127.0.0.1:${(server.address() as AddressInfo).port}`);
