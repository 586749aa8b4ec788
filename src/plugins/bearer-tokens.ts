import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import plugin from 'fastify-plugin';
import { ConfigError } from '../config.ts';
import { ApiError } from '../errors.ts';
import { watchedFile } from './watched-file.ts';

/** What tells nothing of anybody's fleet, and must be read before there is a token: probes and documentation. */
const OPEN = /^\/(health\/.*|docs(\/.*)?|openapi\.json)?$/;

const LEAST_CHARACTERS = 16;

/**
 * Requests must carry one of the tokens of a file, one on a line; what is open stays so. A changed file is taken up within seconds, so
 * that tokens rotate: add the new one, change the clients, take the old one away.
 *
 * @throws ConfigError when the file cannot be read or has no token that is long enough
 */
export default plugin(async (app: FastifyInstance, { file }: { file: string }) => {
  if (file === '') return;
  let digests: readonly Buffer[] = [];
  const takeUp = (text: string) => {
    digests = digestsOf(text);
  };
  takeUp(await watchedFile(app, 'TOKENS_FILE', file, takeUp));
  app.addHook('onRequest', async (request) => {
    if (OPEN.test(request.routeOptions.url ?? request.url)) return;
    const [, token] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (token !== undefined && isKnown(token, digests)) return;
    const detail = 'Send one of the tokens of this service: "Authorization: Bearer <token>".';
    throw new ApiError('unauthorized', detail, [], { 'www-authenticate': 'Bearer realm="brazier"' });
  });
});

/** Takes as long whatever the token is, and wherever it stands. */
function isKnown(token: string, digests: readonly Buffer[]): boolean {
  const digest = digestOf(token);
  let known = false;
  for (const other of digests) known = timingSafeEqual(digest, other) || known;
  return known;
}

function digestsOf(text: string): Buffer[] {
  const tokens = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (tokens.length === 0) throw new ConfigError('TOKENS_FILE has no token: write one on each line');
  const unfit = tokens.findIndex((token) => token.length < LEAST_CHARACTERS || /\s/.test(token));
  if (unfit >= 0) {
    throw new ConfigError(
      `TOKENS_FILE: token ${unfit + 1} must have ${LEAST_CHARACTERS} characters at least and no blanks`,
    );
  }
  return tokens.map(digestOf);
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
