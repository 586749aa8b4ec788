import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'tap';
import { brazier, start } from '../support/command.ts';

test('serve says where the documentation is, answers, and ends in order on SIGTERM', async (t) => {
  const child = start(['serve'], { PORT: '0', LOG_LEVEL: 'info' });
  t.teardown(() => child.kill('SIGKILL'));
  let log = '';
  const documentation = await new Promise<string>((resolve) => {
    child.stdout.on('data', (chunk) => {
      log += chunk;
      const found = /documentation at (http\S+)\/docs/.exec(log);
      if (found) resolve(found[1]);
    });
  });
  const response = await fetch(`${documentation}/health/ready`);
  t.same(await response.json(), { status: 'ready' });
  child.kill('SIGTERM');
  const [status] = await once(child, 'exit');
  t.equal(status, 0);
  for (const line of log.trim().split('\n'))
    t.doesNotThrow(() => JSON.parse(line), 'every line of the log is JSON');
});

test('a wrong configuration is refused at start, every variable named', async (t) => {
  const { status, stderr } = await brazier(['serve'], '', {
    PORT: 'http',
    LOG_LEVEL: 'loud',
    BODY_LIMIT: '1',
  });
  t.equal(status, 1);
  t.match(stderr, 'PORT must be an integer; it is "http"');
  t.match(stderr, 'LOG_LEVEL must be one of');
  t.match(stderr, 'BODY_LIMIT must be at least 1024');
});

test('the demo serves the example fleet over HTTP and says how to go on', async (t) => {
  const { status, stdout } = await brazier(['demo']);
  t.equal(status, 0);
  t.match(stdout, /^Brazier listens on http:\/\/127\.0\.0\.1:\d+/);
  t.match(stdout, 'Complete: 15 of 15 servers served in full.');
  t.match(stdout, 'How to go on:');
});

test('help lists the commands, the environment variables and the exit statuses', async (t) => {
  const [all, serve, optimize, version] = await Promise.all(
    [['--help'], ['serve', '--help'], ['optimize', '--help'], ['--version']].map((args) => brazier(args)),
  );
  for (const command of ['serve', 'optimize', 'analyze', 'size', 'concurrency', 'demo', 'completion']) {
    t.match(all.stdout, `brazier ${command}`);
  }
  t.match(serve.stdout, /SHUTDOWN_TIMEOUT_MS.*\[35000\]/);
  t.match(optimize.stdout, 'Exit status: 0 every server is served in full');
  t.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
});

test('completion prints a script that asks the program itself', async (t) => {
  const { status, stdout } = await brazier(['completion']);
  t.equal(status, 0);
  t.match(stdout, '--get-yargs-completions');
});

test('a port in use is one line and exit status 1', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  t.teardown(() => taken.close());
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const { status, stderr } = await brazier(['serve'], '', { PORT: String(port) });
  t.equal(status, 1);
  t.equal(stderr, `listen EADDRINUSE: address already in use 127.0.0.1:${port}\n`);
});
