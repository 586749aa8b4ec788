import { gunzipSync } from 'node:zlib';
import { test } from 'tap';
import type { Plan } from '../../src/schemas/plan.ts';
import type { Problem } from '../../src/schemas/problem.ts';
import { edited, example, listening, post, service } from '../support/service.ts';

test('An address that asks too often is told when to come again; probes are always answered', async (t) => {
  const app = await service(t, { environment: { RATE_LIMIT_PER_MINUTE: '3' } });
  for (let i = 0; i < 3; i++) t.equal((await app.inject('/solvers')).statusCode, 200);
  const refused = await app.inject('/solvers');
  t.equal(refused.statusCode, 429);
  t.match(refused.json<Problem>(), {
    type: 'urn:brazier:problem:too-many-requests',
    detail: /RATE_LIMIT_PER_MINUTE/,
  });
  t.ok(Number(refused.headers['retry-after']) > 0);
  t.equal((await app.inject('/nowhere')).statusCode, 429, 'what no route takes is refused as well');
  for (const url of ['/health/live', '/health/ready', '/metrics'])
    for (let i = 0; i < 5; i++) t.equal((await app.inject(url)).statusCode, 200, url);
});

test('What no route takes counts, too', async (t) => {
  const app = await service(t, { environment: { RATE_LIMIT_PER_MINUTE: '3' } });
  for (let i = 0; i < 3; i++) t.equal((await app.inject('/nowhere')).statusCode, 404);
  t.equal((await app.inject('/nowhere')).statusCode, 429);
  t.equal((await app.inject('/solvers')).statusCode, 429);
});

test('Without a limit nobody asks too often', async (t) => {
  const app = await service(t);
  for (let i = 0; i < 200; i++) t.equal((await app.inject('/solvers')).statusCode, 200);
});

test('A process that has no memory left refuses quickly, and its probes are answered', async (t) => {
  const app = await service(t, { environment: { MAX_RSS_MIB: '1' } });
  let answer = await app.inject('/solvers');
  // The memory is looked at once a second.
  while (answer.statusCode === 200) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    answer = await app.inject('/solvers');
  }
  t.equal(answer.statusCode, 503);
  t.match(answer.json<Problem>().detail, /MAX_RSS_MIB/);
  t.ok(Number(answer.headers['retry-after']) > 0);
  for (const url of ['/health/live', '/metrics']) t.equal((await app.inject(url)).statusCode, 200, url);
  const ready = await app.inject('/health/ready');
  t.equal(ready.statusCode, 503);
  t.match(ready.json<Problem>().detail, /MAX_RSS_MIB/);
});

test('Garbage alone does not make a process say that its memory is short', async (t) => {
  const usedMib = process.memoryUsage.rss() / 1_048_576;
  const app = await service(t, { environment: { MAX_RSS_MIB: String(Math.ceil(usedMib + 150)) } });
  // Shared memory that nobody holds: V8 sees no reason to collect it.
  for (let i = 0; i < 40; i++) new Uint8Array(new SharedArrayBuffer(8 * 1_048_576)).fill(1);
  t.ok(process.memoryUsage.rss() / 1_048_576 > usedMib + 200);
  // What is collected is given back by another thread, a moment later.
  let ready = await app.inject('/health/ready');
  for (let i = 0; i < 100 && ready.statusCode !== 200; i++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    ready = await app.inject('/health/ready');
  }
  t.equal(ready.statusCode, 200);
});

test('Large answers are compressed for clients that take it, small ones are not', async (t) => {
  const { app } = await listening(t);
  const system = example('/optimize', 'two classes') as { servers: { name: string }[] };
  const servers = Array.from({ length: 60 }, (_, i) => ({ ...system.servers[0], name: `server-${i}` }));
  const payload = edited(system, { '/servers': servers }) as object;
  const ask = (body: object, encoding?: string) =>
    app.inject({
      method: 'POST',
      url: '/optimize',
      payload: body,
      headers: encoding ? { 'accept-encoding': encoding } : {},
    });
  const plain = await ask(payload);
  t.equal(plain.headers['content-encoding'], undefined);
  const packed = await ask(payload, 'gzip');
  t.equal(packed.headers['content-encoding'], 'gzip');
  t.match(packed.headers.vary, /accept-encoding/i);
  t.ok(packed.rawPayload.length < plain.rawPayload.length / 4);
  const unpacked = JSON.parse(gunzipSync(packed.rawPayload).toString()) as Plan;
  t.same(unpacked.servers, plain.json<Plan>().servers);
  t.equal((await ask(payload, 'br')).headers['content-encoding'], 'br');
  t.equal((await ask(system, 'gzip')).headers['content-encoding'], undefined);
});

test('The answers of workers are compressed as well', async (t) => {
  const { app } = await listening(t);
  const system = example('/optimize', 'two classes') as { servers: { name: string }[] };
  const servers = Array.from({ length: 60 }, (_, i) => ({ ...system.servers[0], name: `server-${i}` }));
  const payload = edited(system, { '/servers': servers, '/solver': 'milp' }) as object;
  const ask = (headers: Record<string, string>) =>
    app.inject({ method: 'POST', url: '/optimize', payload, headers });
  const plain = await ask({});
  t.equal(plain.headers['content-encoding'], undefined);
  for (const encoding of ['gzip', 'br, GZIP;q=0.5', '*']) {
    const packed = await ask({ 'accept-encoding': encoding });
    t.equal(packed.headers['content-encoding'], 'gzip', encoding);
    t.match(packed.headers.vary, /accept-encoding/i);
    const unpacked = JSON.parse(gunzipSync(packed.rawPayload).toString()) as Plan;
    t.same(unpacked.servers, plain.json<Plan>().servers);
  }
  t.equal((await ask({ 'accept-encoding': 'br' })).headers['content-encoding'], 'br');
  for (const encoding of ['gzip;q=0', 'identity', 'gzip ; q=0.0, identity'])
    t.equal((await ask({ 'accept-encoding': encoding })).headers['content-encoding'], undefined, encoding);
  const refusing = await ask({ 'accept-encoding': 'gzip', 'x-no-compression': '1' });
  t.equal(refusing.headers['content-encoding'], undefined);
});

test('Every answer says what browsers may do with it, and promises no encryption that there is not', async (t) => {
  const app = await service(t);
  const answers = [await app.inject('/docs'), await app.inject('/nothing'), await app.inject('/solvers')];
  const failed = await post(app, '/optimize', {});
  for (const { headers } of [...answers, failed]) {
    t.match(headers, {
      'content-security-policy': /default-src 'none'.*frame-ancestors 'none'/,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
    t.notOk('strict-transport-security' in headers);
    t.notMatch(headers['content-security-policy'], /upgrade-insecure-requests|http:/);
  }
});
