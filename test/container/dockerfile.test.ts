import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import tap, { test } from 'tap';
import { PACKAGE_FOLDER } from '../support/command.ts';
import { build, filesBelow } from '../support/container-build.ts';

// It installs and compiles what the image does.
tap.setTimeout(600_000);

const MIB = 1_048_576;

test('The steps of the Dockerfile give a small image that runs read-only, without root and without a shell', async (t) => {
  const image = await build(PACKAGE_FOLDER);
  t.teardown(async () => {
    await promisify(execFile)('chmod', ['-R', 'u+w', image.root]);
    await rm(dirname(image.root), { recursive: true, force: true });
  });
  for (const base of image.baseImages) t.match(base, /:(?!latest)[\w.-]+$/, `${base} is pinned`);
  t.match(image.user, /^[1-9]\d*$/, 'a user by number, not root');
  t.ok(image.command.length > 0, 'the command needs no shell');
  t.ok(image.healthCommand.length > 0, 'the health check needs no shell');

  const files = await filesBelow(image.root);
  const names = [...files.keys()];
  const size = [...files.values()].reduce((sum, bytes) => sum + bytes, 0);
  t.comment(`copied into the image: ${files.size} files, ${(size / MIB).toFixed(1)} MiB`);
  t.ok(size < 80 * MIB, `${(size / MIB).toFixed(1)} MiB`);
  const ours = names.filter((name) => !name.includes('/node_modules/'));
  t.ok(ours.length > 100);
  t.same(
    ours.filter((name) => /\.(ts|map)$|\/(test|bench|\.git|\.ci)\//.test(name)),
    [],
    'no sources, no tests',
  );
  for (const tool of ['typescript', '@biomejs', 'tap', 'esbuild', 'playwright-core', 'fast-check']) {
    t.notOk(
      names.some((name) => name.includes(`/node_modules/${tool}/`)),
      `no ${tool}`,
    );
  }
  await readOnly(image.root);

  const cwd = join(image.root, image.workingDirectory);
  const env = { PATH: '', ...image.environment, HOST: '127.0.0.1', PORT: String(await freePort()) };
  const url = `http://127.0.0.1:${env.PORT}`;
  const asUser = process.getuid?.() === 0 ? { uid: Number(image.user), gid: Number(image.user) } : {};
  const service = spawn(process.execPath, image.command, { cwd, env, ...asUser });
  t.teardown(() => service.kill('SIGKILL'));
  await listening(service);

  const [node, ...args] = image.healthCommand;
  t.match(node, /\/node$/);
  const health = await promisify(execFile)(process.execPath, args, { cwd, env, ...asUser });
  t.equal(health.stdout, 'ready\n');

  const answer = await fetch(`${url}/optimize`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: await readFile(join(PACKAGE_FOLDER, 'examples/small-fleet.json')),
  });
  t.equal(((await answer.json()) as { status: string }).status, 'complete');
  const pages = await fetch(`${url}/docs`);
  t.equal(pages.status, 200, 'the documentation is there, too');

  service.kill('SIGTERM');
  const [status] = await once(service, 'exit');
  t.equal(status, 0);
  await t.rejects(
    promisify(execFile)(process.execPath, args, { cwd, env, ...asUser }),
    /not ready: connect ECONNREFUSED/,
    'a service that is gone is not healthy',
  );
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function listening(service: ChildProcess): Promise<void> {
  let log = '';
  service.stderr!.on('data', (chunk) => {
    log += chunk;
  });
  const exited = once(service, 'exit').then(() => Promise.reject(new Error(log)));
  const told = new Promise<void>((resolve) => {
    service.stdout!.on('data', (chunk) => {
      if (String(chunk).includes('documentation at')) resolve();
    });
  });
  await Promise.race([told, exited]);
}

/** As a container with a read-only root: nobody may write, everybody may read. */
async function readOnly(root: string): Promise<void> {
  await chmod(dirname(root), 0o755);
  await promisify(execFile)('chmod', ['-R', 'a-w,a+rX', root]);
}
