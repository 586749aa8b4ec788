import { test } from 'tap';
import { bodiesLimitOf, ConfigError, configHelp, limitsOf, readConfig } from '../src/config.ts';
import { DEFAULT_LIMITS } from '../src/schemas/limits.ts';

const DEFAULTS = {
  HOST: '127.0.0.1',
  PORT: 8080,
  LOG_LEVEL: 'info',
  LOG_FORMAT: 'json',
  BODY_LIMIT: 8_388_608,
  REQUEST_TIMEOUT_MS: 60_000,
  SHUTDOWN_TIMEOUT_MS: 35_000,
  BRAZIER_PLUGINS: '',
  ...DEFAULT_LIMITS,
};

test('Without variables, or with empty ones, the configuration is its defaults', async (t) => {
  t.match(readConfig({}), DEFAULTS);
  const empty = Object.fromEntries(Object.keys(DEFAULTS).map((name) => [name, '']));
  t.match(readConfig(empty), DEFAULTS);
  t.match(readConfig({ UNRELATED: 'x', port: '1' }), DEFAULTS);
});

test('Variables are read as what they are', async (t) => {
  const config = readConfig({
    HOST: '0.0.0.0',
    PORT: ' 0 ',
    LOG_LEVEL: 'silent',
    LOG_FORMAT: 'pretty',
    MAX_SERVERS: '5',
    BRAZIER_PLUGINS: '/opt/plugins',
  });
  t.match(config, { HOST: '0.0.0.0', PORT: 0, LOG_LEVEL: 'silent', LOG_FORMAT: 'pretty', MAX_SERVERS: 5 });
  t.equal(config.BRAZIER_PLUGINS, '/opt/plugins');
  t.strictSame(limitsOf(config), { ...DEFAULT_LIMITS, MAX_SERVERS: 5 });
});

const WRONG: Readonly<Record<string, readonly [value: string, says: RegExp]>> = {
  PORT: ['65536', /^PORT must be at most 65535; it is 65536/],
  LOG_LEVEL: ['inof', /^LOG_LEVEL must be one of .*did you mean "info"\?/],
  LOG_FORMAT: ['xml', /^LOG_FORMAT must be one of "json", "pretty"; it is "xml"/],
  BODY_LIMIT: ['16mb', /^BODY_LIMIT must be an integer; it is "16mb"/],
  REQUEST_TIMEOUT_MS: ['-1', /^REQUEST_TIMEOUT_MS must be at least 0; it is -1/],
  SHUTDOWN_TIMEOUT_MS: ['1.5', /^SHUTDOWN_TIMEOUT_MS must be an integer; it is 1.5/],
  MAX_SERVERS: ['0', /^MAX_SERVERS must be at least 1; it is 0/],
  MAX_BATCH_SIZE: ['1e3', /^MAX_BATCH_SIZE must be an integer; it is "1e3"/],
  MAX_QUEUE_LENGTH: ['0x10', /^MAX_QUEUE_LENGTH must be an integer; it is "0x10"/],
};

test('Every variable that is wrong is named at once, with what would be right', async (t) => {
  const environment = Object.fromEntries(Object.entries(WRONG).map(([name, [value]]) => [name, value]));
  try {
    readConfig({ ...environment, HOST: '0.0.0.0' });
    t.fail('it was read');
  } catch (error) {
    t.ok(error instanceof ConfigError);
    const lines = (error as Error).message.split('\n');
    t.equal(lines.length, Object.keys(WRONG).length);
    for (const [, says] of Object.values(WRONG))
      t.ok(
        lines.some((line) => says.test(line)),
        String(says),
      );
  }
});

test('All large bodies have room for two of the largest, or as much as suits it', async (t) => {
  t.throws(() => readConfig({ BODIES_LIMIT_MIB: '8' }), {
    message: /^BODIES_LIMIT_MIB must be at least 16, twice BODY_LIMIT, or 0; it is 8/,
  });
  t.equal(bodiesLimitOf(readConfig({ BODIES_LIMIT_MIB: '16' })), 16 * 1_048_576);
  t.equal(bodiesLimitOf(readConfig({ BODY_LIMIT: '100000' })), 800_000);
});

test('A number that is too long to be one is refused', async (t) => {
  t.throws(() => readConfig({ PORT: '9'.repeat(400) }), { message: /^PORT must be/ });
});

test('The help lists every variable with its meaning and its default', async (t) => {
  const lines = configHelp().split('\n');
  t.equal(lines.length, Object.keys(readConfig({})).length);
  for (const [name, value] of Object.entries(DEFAULTS)) {
    const line = lines.find((text) => text.trim().split(' ')[0] === name)!;
    t.ok(line.endsWith(`[${value === '' ? 'none' : value}]`), `${name}: ${line}`);
    t.match(line, /\. \[/, `${name} has a meaning`);
  }
});
