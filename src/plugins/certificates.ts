import { readFile } from 'node:fs/promises';
import type { Server } from 'node:https';
import { createSecureContext } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import plugin from 'fastify-plugin';
import { type Config, ConfigError } from '../config.ts';
import { watchedFile } from './watched-file.ts';

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/**
 * The certificate and its key, where the configuration names them; null: the service speaks plain HTTP.
 *
 * @throws ConfigError when a file cannot be read, or the two do not belong together
 */
export async function readCertificate({ TLS_CERT_FILE, TLS_KEY_FILE }: Config): Promise<Certificate | null> {
  if (TLS_CERT_FILE === '') return null;
  const read = (variable: string, file: string) =>
    readFile(file, 'utf8').catch((error: Error) => {
      throw new ConfigError(`${variable} cannot be read: ${error.message}`);
    });
  const certificate = {
    cert: await read('TLS_CERT_FILE', TLS_CERT_FILE),
    key: await read('TLS_KEY_FILE', TLS_KEY_FILE),
  };
  try {
    createSecureContext(certificate);
  } catch (error) {
    throw new ConfigError(`TLS_CERT_FILE and TLS_KEY_FILE cannot be used: ${(error as Error).message}`);
  }
  return certificate;
}

/** A renewed certificate serves new connections within seconds. */
export default plugin(async (app: FastifyInstance, { config }: { config: Config }) => {
  const renew = async () => {
    const certificate = await readCertificate(config);
    (app.server as unknown as Server).setSecureContext(certificate!);
  };
  await watchedFile(app, 'TLS_CERT_FILE', config.TLS_CERT_FILE, renew);
  await watchedFile(app, 'TLS_KEY_FILE', config.TLS_KEY_FILE, renew);
});
