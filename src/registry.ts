import { readdir } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { UserError } from './errors.ts';
import type { Chosen } from './optimizer/optimize.ts';
import type { QueueModel } from './queueing/queue-model.ts';
import type { Strategy } from './schemas/plug-in.ts';
import type { StrategyChoice } from './schemas/strategy.ts';
import type { Solver } from './solvers/solver.ts';
import type { Estimator } from './tuner/estimator.ts';

/** A file that should be a plug-in and is none. */
export class PluginError extends UserError {}

/** The strategies of one kind by name, in the order of their names. */
export type StrategySet<S extends Strategy> = ReadonlyMap<string, S>;

export interface Registry {
  readonly solvers: StrategySet<Solver>;
  readonly queueModels: StrategySet<QueueModel>;
  readonly estimators: StrategySet<Estimator>;
}

/** Each kind of plug-in: the folder of ours that is its registry, and its folder in a user's directory. */
const KINDS = {
  solvers: { ours: new URL('./solvers/strategies/', import.meta.url), theirs: 'solvers', method: 'solve' },
  queueModels: {
    ours: new URL('./queueing/models/', import.meta.url),
    theirs: 'queue-models',
    method: 'prepare',
  },
  estimators: { ours: new URL('./tuner/estimators/', import.meta.url), theirs: 'estimators', method: 'take' },
} as const;

/**
 * Loads every strategy: each file of a kind's folder, and of the same kind's folder in `pluginDirectory`.
 *
 * @throws PluginError when a file does not default-export a strategy of its kind, or a name is taken
 */
export async function loadRegistry(pluginDirectory?: string): Promise<Registry> {
  const load = async <S extends Strategy>(kind: keyof typeof KINDS): Promise<StrategySet<S>> => {
    const { ours, theirs: folder, method } = KINDS[kind];
    const ourFiles = await pluginFiles(fileURLToPath(ours));
    const theirs = pluginDirectory ? await theirFiles(pluginDirectory, folder) : [];
    const found = new Map<string, S>();
    for (const file of [...ourFiles, ...theirs]) {
      const strategy = await importStrategy<S>(file);
      const fault =
        faultOf(strategy, file, method) ??
        (theirs.includes(file) ? await optionsFault(strategy) : undefined) ??
        (found.has(strategy.name) ? `the name ${strategy.name} is taken` : undefined);
      if (fault) throw new PluginError(`${file} is no plug-in: ${fault}`);
      found.set(strategy.name, strategy);
    }
    return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
  };
  const [solvers, queueModels, estimators] = await Promise.all([
    load<Solver>('solvers'),
    load<QueueModel>('queueModels'),
    load<Estimator>('estimators'),
  ]);
  return { solvers, queueModels, estimators };
}

async function pluginFiles(directory: string): Promise<string[]> {
  return (await readdir(directory))
    .filter((name) => /\.m?[jt]s$/.test(name) && !/\.d\.m?ts$/.test(name))
    .sort()
    .map((name) => join(directory, name));
}

/** The files of a kind in a user's directory, which must exist; the folder of the kind need not. */
async function theirFiles(directory: string, kind: string): Promise<string[]> {
  const kinds = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    throw new PluginError(`the directory of plug-ins, ${directory}, cannot be read: ${error.message}`);
  });
  const known = Object.values(KINDS).map(({ theirs }) => theirs as string);
  if (!kinds.some((name) => known.includes(name))) {
    throw new PluginError(
      `the directory of plug-ins, ${directory}, has none of the folders ${known.join(', ')}`,
    );
  }
  return kinds.includes(kind) ? pluginFiles(join(directory, kind)) : [];
}

async function importStrategy<S>(file: string): Promise<S> {
  try {
    return (await import(pathToFileURL(file).href)).default as S;
  } catch (error) {
    throw new PluginError(`${file} cannot be loaded: ${(error as Error).message}`);
  }
}

function faultOf(strategy: Partial<Strategy> | undefined, file: string, method: string): string | undefined {
  if (typeof strategy !== 'object' || strategy === null) return 'it has no default export that is an object';
  const named = basename(file, extname(file));
  if (strategy.name !== named)
    return `its name is ${JSON.stringify(strategy.name)}, its file's ${JSON.stringify(named)}`;
  if (typeof strategy.summary !== 'string') return 'it has no summary';
  if (typeof (strategy as Record<string, unknown>)[method] !== 'function')
    return `it has no ${method} function`;
  return undefined;
}

/** Whether the options are a JSON schema. Of ours the conformance suites see to that, and starting is faster without. */
async function optionsFault({ options }: Strategy): Promise<string | undefined> {
  const { Ajv } = await import('ajv');
  try {
    new Ajv({ strict: false }).compile(options);
    return undefined;
  } catch (error) {
    return `its options are no JSON schema: ${(error as Error).message}`;
  }
}

/** The strategy that a request names, or the default, with its options. The request is valid. */
export function chosen<S extends Strategy>(
  strategies: StrategySet<S>,
  choice: StrategyChoice | undefined,
  byDefault: string,
): Chosen<S> {
  const name = typeof choice === 'string' ? choice : (choice?.name ?? byDefault);
  const given = typeof choice === 'object' ? choice.options : undefined;
  const strategy = strategies.get(name)!;
  return { strategy, options: { ...defaultsOf(strategy), ...given } };
}

const DEFAULTS = new WeakMap<Strategy, object>();

/** The defaults that the schema of a strategy's options names; found once, every request asks for them. */
function defaultsOf(strategy: Strategy): object {
  const known = DEFAULTS.get(strategy);
  if (known) return known;
  const { properties = {} } = strategy.options as { properties?: Record<string, { default?: unknown }> };
  const named = Object.entries(properties).filter(([, schema]) => schema.default !== undefined);
  const defaults = Object.fromEntries(named.map(([name, schema]) => [name, schema.default]));
  DEFAULTS.set(strategy, defaults);
  return defaults;
}
