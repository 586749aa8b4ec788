import { type Static, type TSchema, Type } from '#typebox';
import { UserError } from './errors.ts';
import { formCheck } from './schemas/checker.ts';
import { DEFAULT_LIMITS, type LimitName, type Limits } from './schemas/limits.ts';

const limit = (description: string, byDefault: number, minimum = 1) =>
  Type.Integer({ minimum, maximum: 10_000_000, default: byDefault, description });

const LIMIT_DESCRIPTIONS: Record<LimitName, string> = {
  MAX_SERVERS: 'Servers in a fleet at most.',
  MAX_ACCELERATORS: 'Accelerators in a fleet at most.',
  MAX_MODELS: 'Models in a fleet, and targets in a class, at most.',
  MAX_PROFILES: 'Profiles of a model at most.',
  MAX_SERVICE_CLASSES: 'Service classes in a fleet at most.',
  MAX_CURVE_POINTS: 'Rates of one analysis at most.',
  MAX_BATCH_SIZE: 'Batch limit of a replica at most.',
  MAX_QUEUE_LENGTH: 'Waiting room of a replica at most.',
};

const limits = Object.fromEntries(
  (Object.keys(DEFAULT_LIMITS) as LimitName[]).map((name) => [
    name,
    limit(LIMIT_DESCRIPTIONS[name], DEFAULT_LIMITS[name], name === 'MAX_CURVE_POINTS' ? 50 : 1),
  ]),
) as Record<LimitName, ReturnType<typeof limit>>;

export const MIB = 1_048_576;

/** The environment variables of the service. */
export const Config = Type.Object({
  HOST: Type.String({ minLength: 1, default: '127.0.0.1', description: 'Address to listen on.' }),
  PORT: Type.Integer({
    minimum: 0,
    maximum: 65_535,
    default: 8080,
    description: 'Port to listen on; 0: any free one.',
  }),
  LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
    default: 'info',
    description: 'Least level that is logged: fatal, error, warn, info, debug, trace; silent: nothing.',
  }),
  LOG_FORMAT: Type.Enum(['json', 'pretty'], {
    default: 'json',
    description: 'json: one JSON object per line; pretty: lines for people.',
  }),
  BODY_LIMIT: Type.Integer({
    minimum: 1024,
    maximum: 1_073_741_824,
    default: 8_388_608,
    description: 'Size of a request body at most (bytes).',
  }),
  BODIES_LIMIT_MIB: Type.Integer({
    minimum: 0,
    maximum: 1_048_576,
    default: 0,
    description:
      'Memory for all large request bodies at once (MiB), those that wait for a worker too; one more is answered 503. 0: eight times BODY_LIMIT.',
  }),
  REQUEST_TIMEOUT_MS: Type.Integer({
    minimum: 0,
    maximum: 3_600_000,
    default: 60_000,
    description: 'Time within which a request must have arrived whole; 0: no limit.',
  }),
  SHUTDOWN_DELAY_MS: Type.Integer({
    minimum: 0,
    maximum: 3_600_000,
    default: 1_000,
    description: 'Time after SIGTERM in which it is not ready but still takes requests.',
  }),
  SHUTDOWN_TIMEOUT_MS: Type.Integer({
    minimum: 0,
    maximum: 3_600_000,
    default: 35_000,
    description: 'Time that requests in flight then have; more than TIME_LIMIT_MS.',
  }),
  WORKERS: Type.Integer({
    minimum: 0,
    maximum: 256,
    default: 0,
    description: 'Worker threads for heavy requests; 0: one for each core, 8 at most.',
  }),
  WARM_WORKERS: Type.Integer({
    minimum: 0,
    maximum: 256,
    default: 0,
    description:
      'Of these, started with the service and kept, so that no request waits for one; WORKERS at most. Each takes some 32 MiB.',
  }),
  REQUESTS_PER_WORKER: Type.Integer({
    minimum: 1,
    maximum: 64,
    default: 1,
    description: 'Requests that a worker holds at once; it solves them one after the other.',
  }),
  QUEUE_LENGTH: Type.Integer({
    minimum: 0,
    maximum: 100_000,
    default: 64,
    description: 'Heavy requests that may wait for a worker; one more is answered 503.',
  }),
  TIME_LIMIT_MS: Type.Integer({
    minimum: 1,
    maximum: 3_600_000,
    default: 30_000,
    description: 'Time for a heavy request, waiting included; past it the answer is 504.',
  }),
  WORKER_MEMORY_MIB: Type.Integer({
    minimum: 64,
    maximum: 65_536,
    default: 512,
    description: 'Heap of a worker at most (MiB).',
  }),
  MAX_EVENT_LOOP_DELAY_MS: Type.Integer({
    minimum: 0,
    maximum: 3_600_000,
    default: 1_000,
    description: 'Mean event-loop delay above which the answer is 503; 0: no limit.',
  }),
  MAX_RSS_MIB: Type.Integer({
    minimum: 0,
    maximum: 1_048_576,
    default: 0,
    description: 'Resident memory above which the answer is 503 (MiB); 0: no limit.',
  }),
  RATE_LIMIT_PER_MINUTE: Type.Integer({
    minimum: 0,
    maximum: 10_000_000,
    default: 0,
    description: 'Requests of one address in a minute at most, then 429; 0: no limit.',
  }),
  TOKENS_FILE: Type.String({
    default: '',
    description: 'File of bearer tokens, one on a line, re-read when it changes. Empty: none.',
  }),
  TLS_CERT_FILE: Type.String({
    default: '',
    description: 'PEM certificate (chain): HTTPS; re-read when it changes. Empty: plain HTTP.',
  }),
  TLS_KEY_FILE: Type.String({ default: '', description: 'PEM key of that certificate.' }),
  BRAZIER_PLUGINS: Type.String({
    default: '',
    description:
      'Directory with plug-ins of your own, in `solvers/`, `queue-models/` and `estimators/`. Empty: none.',
  }),
  INFERNO_TUNER_PAIRS: Type.Integer({
    minimum: 0,
    maximum: 10_000,
    default: 0,
    description:
      "Pairs of model and accelerator that the tuner of llm-inferno's clients keeps in memory; beyond, the one tuned longest ago goes. 0: off.",
  }),
  ...limits,
});
export type Config = Static<typeof Config>;

/** Variables that are wrong, all of them. */
export class ConfigError extends UserError {}

/**
 * Reads the configuration from environment variables; those that are absent or empty have their defaults.
 *
 * @throws ConfigError naming every variable that is wrong
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const values: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(Config.properties)) {
    const text = environment[name];
    values[name] = text === undefined || text === '' ? defaultOf(schema) : fromText(schema, text.trim());
  }
  const faults = formCheck(Config)(values);
  const messages = faults.map(({ path, message }) => `${path.slice(1)} ${message}`);
  if ((values.TLS_CERT_FILE === '') !== (values.TLS_KEY_FILE === '')) {
    messages.push('TLS_CERT_FILE and TLS_KEY_FILE belong together: set both, or none');
  }
  const { BODY_LIMIT, BODIES_LIMIT_MIB } = values as Config;
  if (BODIES_LIMIT_MIB > 0 && BODIES_LIMIT_MIB * MIB < 2 * BODY_LIMIT) {
    const least = Math.ceil((2 * BODY_LIMIT) / MIB);
    messages.push(
      `BODIES_LIMIT_MIB must be at least ${least}, twice BODY_LIMIT, or 0; it is ${BODIES_LIMIT_MIB}`,
    );
  }
  if (messages.length > 0) throw new ConfigError(messages.join('\n'));
  return values as Config;
}

/** Bytes that all large bodies may have at once. */
export function bodiesLimitOf({ BODIES_LIMIT_MIB, BODY_LIMIT }: Config): number {
  return BODIES_LIMIT_MIB === 0 ? 8 * BODY_LIMIT : BODIES_LIMIT_MIB * MIB;
}

/** The limits on requests that a configuration sets. */
export function limitsOf(config: Config): Limits {
  const names = Object.keys(DEFAULT_LIMITS) as LimitName[];
  return Object.fromEntries(names.map((name) => [name, config[name]])) as Record<LimitName, number>;
}

/** Every variable with its default and meaning, as lines for the help. */
export function configHelp(): string {
  const width = Math.max(...Object.keys(Config.properties).map((name) => name.length));
  return Object.entries(Config.properties)
    .map(
      ([name, schema]) =>
        `  ${name.padEnd(width)}  ${descriptionOf(schema)} [${defaultOf(schema) === '' ? 'none' : defaultOf(schema)}]`,
    )
    .join('\n');
}

function fromText(schema: TSchema, text: string): unknown {
  const isInteger = (schema as { type?: string }).type === 'integer';
  return isInteger && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function defaultOf(schema: TSchema): unknown {
  return (schema as { default?: unknown }).default;
}

function descriptionOf(schema: TSchema): string {
  return (schema as { description?: string }).description ?? '';
}
