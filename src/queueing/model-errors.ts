import type { ModelError } from '../schemas/strategy.ts';

/** How far each queue model is off simulation; written by `npm run judge`, told by `GET /queue-models`. */
export const MODEL_ERRORS: Readonly<Record<string, readonly ModelError[]>> = {};
