import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tap, { type Test, test } from 'tap';
import { buildApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { loadRegistry } from '../../src/registry.ts';
import { brazier } from '../support/command.ts';
import { answerChecks, example, listening, service } from '../support/service.ts';

tap.setTimeout(120_000);

const [ONE, OTHER, NEW] = ['the-first-token-of-all', 'another-token-0123456', 'a-new-token-987654321'];
type App = Awaited<ReturnType<typeof service>>;

async function folder(t: Test): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'brazier-tokens-'));
  t.teardown(() => rm(path, { recursive: true }));
  return path;
}

async function tokensFile(t: Test, text: string): Promise<string> {
  const file = join(await folder(t), 'tokens');
  await writeFile(file, text);
  return file;
}

const statusWith = async (app: App, token: string | undefined, url = '/solvers') =>
  (await app.inject({ url, headers: token === undefined ? {} : { authorization: `Bearer ${token}` } }))
    .statusCode;

test('Whoever has one of the tokens may use the service, and nobody else', async (t) => {
  const TOKENS_FILE = await tokensFile(t, `# of the control loop\n${ONE}\n\n${OTHER}\r\n`);
  const lines: string[] = [];
  const logger = { level: 'trace', stream: { write: (line: string) => lines.push(line) } };
  const app = await service(t, { environment: { TOKENS_FILE }, logger });
  t.equal(await statusWith(app, ONE), 200);
  t.equal(await statusWith(app, OTHER), 200);
  for (const wrong of [undefined, '', ONE.slice(1), `${ONE}x`, ONE.toUpperCase(), '# of the control loop'])
    t.equal(await statusWith(app, wrong), 401, `${wrong}`);
  const basic = await app.inject({ url: '/solvers', headers: { authorization: `Basic ${ONE}` } });
  t.equal(basic.statusCode, 401);
  t.same((await answerChecks(app))('Problem', basic.json()), []);
  t.match(basic.headers, { 'www-authenticate': /^Bearer/, 'content-type': /^application\/problem\+json/ });
  t.equal((await app.inject({ method: 'POST', url: '/optimize', payload: {} })).statusCode, 401);
  t.equal(await statusWith(app, undefined, '/metrics'), 401);
  t.equal(await statusWith(app, undefined, '/nothing'), 401, 'not even what there is');
  for (const url of ['/health/live', '/health/ready', '/docs', '/docs/static/index.css', '/openapi.json'])
    t.equal(await statusWith(app, undefined, url), 200, `${url} is open`);
  const { paths } = (await app.inject('/openapi.json')).json() as {
    paths: Record<string, { get?: { security?: object[] } }>;
  };
  for (const [url, { get }] of Object.entries(paths))
    if (get)
      t.equal(
        (await statusWith(app, undefined, url)) !== 401,
        get.security?.length === 0,
        `${url}, as documented`,
      );
  t.notMatch(lines.join(''), ONE, 'no token in the log');
});

/** Waits until a token is answered so. */
async function until(app: App, token: string, status: number): Promise<void> {
  while ((await statusWith(app, token)) !== status) await new Promise((resolve) => setTimeout(resolve, 50));
}

test('Tokens are exchanged without a restart, and a file that cannot be used changes nothing', async (t) => {
  const file = await tokensFile(t, ONE);
  const app = await service(t, { environment: { TOKENS_FILE: file } });
  await writeFile(file, `${ONE}\n${NEW}\n`);
  await until(app, NEW, 200);
  t.equal(await statusWith(app, ONE), 200, 'the old one still counts');
  await writeFile(file, `${NEW}\n${OTHER}\n`);
  await until(app, ONE, 401);
  t.equal(await statusWith(app, NEW), 200);
  await writeFile(file, '# none\n');
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  t.equal(await statusWith(app, NEW), 200);
});

test('A Secret of Kubernetes, whose link is exchanged, is taken up', async (t) => {
  const path = await folder(t);
  const publish = async (version: string, token: string) => {
    await mkdir(join(path, version));
    await writeFile(join(path, version, 'tokens'), token);
    await symlink(version, join(path, '..new'));
    await rename(join(path, '..new'), join(path, '..data'));
  };
  await publish('1', ONE);
  await symlink('..data/tokens', join(path, 'tokens'));
  const app = await service(t, { environment: { TOKENS_FILE: join(path, 'tokens') } });
  t.equal(await statusWith(app, ONE), 200);
  await publish('2', NEW);
  await until(app, NEW, 200);
  t.equal(await statusWith(app, ONE), 401);
});

test('A file of tokens that is no use is refused at start', async (t) => {
  const start = async (TOKENS_FILE: string) => buildApp(readConfig({ TOKENS_FILE }), await loadRegistry());
  await t.rejects(start('/nowhere/tokens'), /TOKENS_FILE cannot be read: .*ENOENT/);
  await t.rejects(start(await tokensFile(t, '\n# none\n')), /TOKENS_FILE has no token/);
  await t.rejects(start(await tokensFile(t, `${ONE}\nshort`)), /token 2 must have 16 characters/);
});

test('The command line sends the token that it is given', async (t) => {
  const TOKENS_FILE = await tokensFile(t, ONE);
  const { url } = await listening(t, { environment: { TOKENS_FILE } });
  const fleet = JSON.stringify(example('/optimize', 'two classes'));
  const args = ['optimize', '-', '--server', url];
  t.match(await brazier(args, fleet, { BRAZIER_TOKEN: ONE }), { status: 0, stdout: /Complete/ });
  t.match(await brazier(args, fleet, { BRAZIER_TOKEN: '' }), {
    status: 1,
    stderr: /Not authorized: set BRAZIER_TOKEN/,
  });
});
