import { request as requestPlain } from 'node:http';
import { request as requestEncrypted } from 'node:https';
import { readConfig } from '../config.ts';
import { UserError } from '../errors.ts';
import { EXIT } from './exit.ts';

const TIMEOUT_MS = 3_000;

/**
 * Asks the service on this machine, with the configuration that it has, whether it is ready.
 *
 * @throws UserError that says why it is not
 */
export async function health(): Promise<number> {
  const { HOST, PORT, TLS_CERT_FILE } = readConfig(process.env);
  // What listens everywhere answers on the loopback; its certificate is made out to another name.
  const host = HOST === '0.0.0.0' ? '127.0.0.1' : HOST === '::' ? '::1' : HOST;
  const options = { host, port: PORT, path: '/health/ready', timeout: TIMEOUT_MS };
  const status = await new Promise<number>((resolve, reject) => {
    const request =
      TLS_CERT_FILE === ''
        ? requestPlain(options)
        : requestEncrypted({ ...options, rejectUnauthorized: false });
    request.once('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.once('timeout', () => request.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
    request.once('error', ({ message }) => reject(new UserError(`not ready: ${message}`)));
    request.end();
  });
  if (status !== 200) throw new UserError(`not ready: status ${status}`);
  console.log('ready');
  return EXIT.complete;
}
