import { isObject } from '../schemas/fault-list.ts';
import { InputError, readJson } from './input.ts';

/** The flags that describe a station and its targets. */
export interface StationArgs {
  readonly file?: string | undefined;
  readonly alpha?: number | undefined;
  readonly beta?: number | undefined;
  readonly gamma?: number | undefined;
  readonly batch?: number | undefined;
  readonly queue?: number | undefined;
  readonly input?: number | undefined;
  readonly output?: number | undefined;
  readonly cached?: number | undefined;
  readonly batchTokens?: number | undefined;
  readonly queueModel?: string | undefined;
  readonly format: 'table' | 'json';
  readonly server?: string | undefined;
}

export interface TargetArgs {
  readonly ttft?: number | undefined;
  readonly itl?: number | undefined;
  readonly ttftPercentile?: number | undefined;
  readonly itlPercentile?: number | undefined;
  readonly e2e?: number | undefined;
  readonly tokensPerSec?: number | undefined;
}

/** Which flag gives which field of a station. */
const STATION_FLAGS = {
  batch: 'maxBatchSize',
  queue: 'maxQueueLength',
  batchTokens: 'maxBatchTokens',
  input: 'inputTokens',
  output: 'outputTokens',
  cached: 'cachedInputTokens',
} as const;

const REQUIRED = ['alpha', 'beta', 'gamma', 'batch', 'input', 'output'] as const;

export type LooseRequest = { station?: unknown } & Record<string, unknown>;

/** Fields of the requests about a station; a file may hold those of several, each command takes its own. */
type RequestField = 'requestsPerSec' | 'targets';

/**
 * The request that a file or flags describe; flags override the file's fields. It is checked later.
 *
 * @param fields those beside the station that the command takes
 * @throws InputError when there is no file and a flag is missing
 */
export async function stationRequest(
  args: StationArgs,
  fields: readonly RequestField[],
): Promise<LooseRequest> {
  const request = args.file === undefined ? {} : ((await readJson(args.file)) as LooseRequest);
  if (args.file === undefined) missingFlags(args);
  return withStation(request, args, fields);
}

/** @throws InputError when a flag is missing that a station without a file needs */
export function missingFlags(args: StationArgs): void {
  const missing = REQUIRED.filter((flag) => args[flag] === undefined);
  if (missing.length > 0)
    throw new InputError(`name a file, or give ${missing.map((flag) => `--${flag}`).join(', ')}`);
}

/** Whether any flag says something of a station. */
export function isStationGiven(args: StationArgs): boolean {
  return [...REQUIRED, ...Object.keys(STATION_FLAGS)].some(
    (flag) => args[flag as keyof StationArgs] !== undefined,
  );
}

/** A request with what flags say of its station on top; of the file's fields those that the command takes. */
export function withStation(
  request: LooseRequest,
  args: StationArgs,
  fields: readonly RequestField[],
): LooseRequest {
  // What is no object is left as it is, for the check to say so.
  if (!isObject(request)) return request;
  const { requestsPerSec, targets, station: given = {}, ...others } = request;
  const taken = { requestsPerSec, targets };
  const named = {
    ...others,
    ...defined(Object.fromEntries(fields.map((field) => [field, taken[field]]))),
    ...defined({ queueModel: args.queueModel }),
  };
  if (!isObject(given)) return { ...named, station: given };
  const { serviceTime, observedRange, ...station } = given;
  const parameters = defined({
    alphaMs: args.alpha,
    betaMsPerToken: args.beta,
    gammaMsPerToken2: args.gamma,
  });
  const limits = Object.fromEntries(
    Object.entries(STATION_FLAGS).map(([flag, field]) => [field, args[flag as keyof typeof STATION_FLAGS]]),
  );
  const changed = Object.keys(parameters).length > 0;
  const law =
    changed && (serviceTime === undefined || isObject(serviceTime))
      ? { ...serviceTime, ...parameters }
      : serviceTime;
  // Parameters of the flags were not found from what the file says was observed.
  const found = { serviceTime: law, observedRange: changed ? undefined : observedRange };
  return { ...named, station: { ...station, ...defined({ ...found, ...limits }) } };
}

/** A request with the targets that flags give, on top of those of the file. */
export function withTargets(request: LooseRequest, args: TargetArgs): LooseRequest {
  const given = defined({
    ttftMs: args.ttft,
    ttftPercentile: args.ttftPercentile,
    itlMs: args.itl,
    itlPercentile: args.itlPercentile,
    e2eMs: args.e2e,
    minTokensPerSec: args.tokensPerSec,
  });
  if (!isObject(request) || Object.keys(given).length === 0) return request;
  const { targets = {} } = request;
  return isObject(targets) ? { ...request, targets: { ...targets, ...given } } : request;
}

/** What a message calls the origin of a request. */
export function sourceOf({ file }: StationArgs): string {
  return file ?? 'the flags';
}

function defined(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
