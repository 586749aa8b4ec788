import { test } from 'tap';
import type { Problem } from '../../src/schemas/problem.ts';
import { answerChecks, service } from '../support/service.ts';

const HTTP = [
  ['GET', '/optimize', 405, 'POST'],
  ['GET', '/optimize?dry=1', 405, 'POST'],
  ['GET', '/optimize/', 405, 'POST'],
  ['HEAD', '/size', 405, 'POST'],
  ['OPTIONS', '/analyze', 405, 'POST'],
  ['DELETE', '/solvers', 405, 'GET, HEAD'],
  ['POST', '/health/live', 405, 'GET, HEAD'],
  ['PATCH', '/inferno/optimizeOne', 405, 'POST'],
  ['PUT', '/docs', 405, 'GET, HEAD'],
  ['GET', '/nothing', 404, undefined],
  ['POST', '/optimise', 404, undefined],
  ['GET', '/docs/static/../../package.json', 404, undefined],
  ['GET', '/docs/static/..%2f..%2fpackage.json', 404, undefined],
  ['GET', '/%zz', 400, undefined],
  ['POST', '/%E0%A4%A', 400, undefined],
] as const;

test('An address or method that does not exist is told as a problem, with the methods that do', async (t) => {
  const app = await service(t);
  const faultsOf = await answerChecks(app);
  for (const [method, url, status, allow] of HTTP) {
    const answer = await app.inject({ method, url });
    t.equal(answer.statusCode, status, `${method} ${url}: ${status}`);
    t.equal(answer.headers.allow, allow, `${method} ${url}: allow`);
    t.match(answer.headers['content-type'], 'application/problem+json');
    if (method === 'HEAD') continue;
    const problem = answer.json<Problem>();
    t.strictSame(faultsOf('Problem', problem), []);
    t.equal(problem.status, status);
    t.match(problem.type, /^urn:brazier:problem:[a-z-]+$/);
  }
});

test('Every answer has an id of its own, a problem has it as its instance', async (t) => {
  const app = await service(t);
  const ids = new Set<unknown>();
  const urls = ['/health/live', '/metrics', '/docs', '/', '/nothing', '/optimize', '/%zz', '/health/live'];
  for (const url of urls) {
    const answer = await app.inject({ url, headers: { 'x-request-id': 'mine', 'request-id': 'mine' } });
    const id = answer.headers['x-request-id'];
    t.match(id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, url);
    ids.add(id);
    if (answer.statusCode >= 400) t.equal(answer.json<Problem>().instance, `urn:uuid:${id}`, url);
  }
  t.equal(ids.size, urls.length);
});

test('A slash at the end of an address changes nothing', async (t) => {
  const app = await service(t);
  t.equal((await app.inject('/solvers/')).body, (await app.inject('/solvers')).body);
});

test('A fault of the service is logged whole and told without its text', async (t) => {
  const lines: string[] = [];
  const logger = { level: 'info', stream: { write: (line: string) => lines.push(line) } };
  const app = await service(t, {
    logger,
    prepare: (app) =>
      app.get('/broken', async () => {
        throw new Error('the secret of the house');
      }),
  });
  const answer = await app.inject('/broken');
  const problem = answer.json<Problem>();
  t.equal(answer.statusCode, 500);
  t.equal(problem.type, 'urn:brazier:problem:internal');
  t.notMatch(answer.body, 'secret');
  const logged = lines.find((line) => line.includes('the secret of the house'))!;
  t.equal(`urn:uuid:${JSON.parse(logged).reqId}`, problem.instance);
  t.equal(JSON.parse(logged).level, 50);
});
