import { setTimeout } from 'node:timers/promises';
import closeWithGrace from 'close-with-grace';
import { buildApp } from '../app.ts';
import { type Config, readConfig } from '../config.ts';
import { loadRegistry } from '../registry.ts';
import { EXIT } from './exit.ts';

/** Serves until SIGTERM or SIGINT; requests in flight are finished first. */
export async function serve(): Promise<number> {
  const config = readConfig(process.env);
  const app = await buildApp(config, await loadRegistry(config.BRAZIER_PLUGINS), loggerOf(config));
  const stopped = new Promise<void>((resolve) => app.addHook('onClose', async () => resolve()));
  const address = await app.listen({ host: config.HOST, port: config.PORT });
  const { SHUTDOWN_DELAY_MS, SHUTDOWN_TIMEOUT_MS } = config;
  const delay = SHUTDOWN_DELAY_MS + SHUTDOWN_TIMEOUT_MS;
  closeWithGrace({ delay, logger: app.log }, async ({ err, signal }) => {
    if (err) app.log.error({ err }, 'stopping because of an error');
    else app.log.info({ signal }, 'stopping');
    app.turnAway();
    if (signal === 'SIGTERM') await setTimeout(SHUTDOWN_DELAY_MS);
    await app.close();
  });
  if (config.TOKENS_FILE === '' && !isLoopback(config.HOST)) {
    app.log.warn(
      `listening on ${config.HOST} without tokens: whoever reaches this address can use the service; set TOKENS_FILE, or HOST=127.0.0.1`,
    );
  }
  app.log.info(`documentation at ${address}/docs, OpenAPI at ${address}/openapi.json`);
  await stopped;
  return EXIT.complete;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}

function loggerOf({ LOG_LEVEL, LOG_FORMAT }: Config) {
  const pretty = {
    target: 'pino-pretty',
    options: { translateTime: 'SYS:HH:MM:ss', ignore: 'pid,hostname' },
  };
  return { level: LOG_LEVEL, ...(LOG_FORMAT === 'pretty' && { transport: pretty }) };
}
