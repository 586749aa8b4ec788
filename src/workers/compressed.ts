import { gzipSync } from 'node:zlib';
import type { Outcome } from '../operations/answerer.ts';

/** Smaller answers (bytes) cost more to compress than to send. */
export const COMPRESSED_BYTES = 32_768;
export const GZIP_LEVEL = 4;

/** A large answer as gzip, so that the thread that serves handles a tenth of the bytes and no stream. */
export function compressed(outcome: Outcome): Outcome {
  if (outcome.kind !== 'answered' || outcome.body.byteLength < COMPRESSED_BYTES) return outcome;
  return { ...outcome, body: gzipSync(outcome.body, { level: GZIP_LEVEL }), isGzip: true };
}
