import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { generate } from 'selfsigned';
import tap, { type Test, test } from 'tap';
import { readConfig } from '../../src/config.ts';
import { brazier } from '../support/command.ts';
import { listening } from '../support/service.ts';

tap.setTimeout(120_000);

async function certificate(t: Test) {
  const folder = await mkdtemp(join(tmpdir(), 'brazier-tls-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const files = { TLS_CERT_FILE: join(folder, 'tls.crt'), TLS_KEY_FILE: join(folder, 'tls.key') };
  const renew = async (name: string) => {
    const { cert, private: key } = await generate([{ name: 'commonName', value: name }], { keySize: 2048 });
    await writeFile(files.TLS_CERT_FILE, cert);
    await writeFile(files.TLS_KEY_FILE, key);
  };
  return { files, renew };
}

/** The name that the service's certificate bears, and the headers of an answer over a new connection. */
function connect(
  url: string,
): Promise<{ name: string; status?: number; headers: NodeJS.Dict<string | string[]> }> {
  return new Promise((resolve, reject) => {
    request(`${url}/health/ready`, { rejectUnauthorized: false, agent: false }, (response) => {
      const { CN } = (response.socket as TLSSocket).getPeerCertificate().subject;
      response.resume();
      resolve({ name: CN as string, status: response.statusCode, headers: response.headers });
    })
      .on('error', reject)
      .end();
  });
}

test('With a certificate the service speaks HTTPS only, and takes up a renewed one', async (t) => {
  const { files, renew } = await certificate(t);
  await renew('one.test');
  const { url } = await listening(t, { environment: files });
  t.match(url, /^https:/);
  const first = await connect(url);
  t.match(first, { name: 'one.test', status: 200 });
  t.match(first.headers['strict-transport-security'], /max-age/);
  await t.rejects(fetch(url.replace('https:', 'http:')), 'nothing is said in plain text');
  const { port } = new URL(url);
  t.match(await brazier(['health'], '', { ...files, PORT: port }), { status: 0, stdout: 'ready\n' });

  await renew('two.test');
  let { name } = await connect(url);
  while (name !== 'two.test') {
    await new Promise((resolve) => setTimeout(resolve, 100));
    ({ name } = await connect(url));
  }
  t.pass('new connections see the new certificate');
  await writeFile(files.TLS_KEY_FILE, 'no key');
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  t.equal((await connect(url)).name, 'two.test', 'what cannot be used changes nothing');
});

test('Certificate and key belong together, and must be usable', async (t) => {
  t.throws(() => readConfig({ TLS_CERT_FILE: 'x' }), /TLS_CERT_FILE and TLS_KEY_FILE belong together/);
  t.throws(() => readConfig({ TLS_KEY_FILE: 'x' }), /TLS_CERT_FILE and TLS_KEY_FILE belong together/);
  const { files, renew } = await certificate(t);
  await renew('one.test');
  await writeFile(files.TLS_KEY_FILE, 'no key');
  t.match(await brazier(['serve'], '', { ...files, PORT: '0' }), {
    status: 1,
    stderr: /^TLS_CERT_FILE and TLS_KEY_FILE cannot be used/,
  });
});
