// Options that several commands have.

/** Stands for a lone dash, which the parser loses; no file can have this name. */
const DASH = '\0';

/** The words of a command line as the parser can take them; `fileOf` undoes it. */
export function withDashes(words: readonly string[]): string[] {
  return words.map((word) => (word === '-' ? DASH : word));
}

export function fileOf(word: string): string {
  return word === DASH ? '-' : word;
}

export const FORMAT = {
  choices: ['table', 'json'] as const,
  default: 'table' as const,
  describe: 'What to print',
};
export const SERVER = {
  type: 'string' as const,
  describe: 'URL of a running service to use instead of computing here (its token: BRAZIER_TOKEN)',
};
export const QUEUE_MODEL = {
  type: 'string' as const,
  describe: 'Queue model (default: state-dependent; iteration where a target is at a percentile)',
};
export const COMMON = { 'queue-model': QUEUE_MODEL, format: FORMAT, server: SERVER };
export const FILE = {
  type: 'string' as const,
  describe: 'JSON file; - for standard input',
  coerce: fileOf,
};

export const FILES = {
  type: 'string' as const,
  array: true as const,
  describe: 'JSON files; of Mélange one, of AIBrix one for each GPU',
  coerce: (files: readonly string[]) => files.map(fileOf),
};
/** Numbers with commas between them. */
export const NUMBERS = {
  type: 'string' as const,
  coerce: (given: string | undefined) => given?.split(',').map(Number),
};

/** Without a number after it the flag is refused; it would count as not given. */
export const NUMBER = { type: 'number' as const, requiresArg: true };

export const STATION = {
  alpha: { ...NUMBER, describe: 'alphaMs of the service time (ms)' },
  beta: { ...NUMBER, describe: 'betaMsPerToken of the service time' },
  gamma: { ...NUMBER, describe: 'gammaMsPerToken2 of the service time' },
  batch: { ...NUMBER, describe: 'Batch limit' },
  queue: { ...NUMBER, describe: 'Waiting room (default: unlimited)' },
  input: { ...NUMBER, describe: 'Mean prompt tokens' },
  output: { ...NUMBER, describe: 'Mean output tokens' },
  cached: { ...NUMBER, describe: 'Prompt tokens found in the prefix cache' },
  'batch-tokens': { ...NUMBER, describe: 'Token budget of an iteration (default: 8192)' },
};
export const TARGETS = {
  ttft: { ...NUMBER, describe: 'TTFT target (ms)' },
  'ttft-percentile': {
    ...NUMBER,
    describe: 'Share of requests that it is to hold for: 0.95 (default: on the mean)',
  },
  itl: { ...NUMBER, describe: 'ITL target (ms)' },
  'itl-percentile': {
    ...NUMBER,
    describe: 'Share of gaps between tokens that it is to hold for: 0.95 (default: on the mean)',
  },
  e2e: { ...NUMBER, describe: 'Target of the mean time from arrival to the last token (ms)' },
  'tokens-per-sec': { ...NUMBER, describe: 'Output tokens per second demanded' },
};
