import { unwatchFile, watchFile } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import { ConfigError } from '../config.ts';

/** How often a file is looked at (ms): by its state, for a mounted secret changes by a link that is exchanged. */
const INTERVAL_MS = 2_000;

/**
 * The text of a file that a variable names, and each later text of it until the service closes. A later text that `takeUp` throws at is
 * logged, and what was before stays in force.
 *
 * @throws ConfigError when the file cannot be read
 */
export async function watchedFile(
  app: FastifyInstance,
  variable: string,
  file: string,
  takeUp: (text: string) => void | Promise<void>,
): Promise<string> {
  const onChange = async () => {
    try {
      await takeUp(await readFile(file, 'utf8'));
      app.log.info({ file }, `${variable} has changed and is in force`);
    } catch (error) {
      app.log.error(
        { err: error, file },
        `${variable} has changed but cannot be used: what was before stays`,
      );
    }
  };
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new ConfigError(`${variable} cannot be read: ${error.message}`);
  });
  watchFile(file, { interval: INTERVAL_MS, persistent: false }, onChange);
  app.addHook('onClose', async () => unwatchFile(file, onChange));
  return text;
}
