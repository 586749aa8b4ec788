import type { Argv } from 'yargs';
import { DEFAULT_SETTINGS, type ReplaySettings } from '../replay/settings.ts';
import type { BalancerName } from '../schemas/simulation-process.ts';
import { InputError } from './input.ts';
import { FORMAT, fileOf, NUMBER, NUMBERS, QUEUE_MODEL } from './options.ts';

const D = DEFAULT_SETTINGS;
const number = (describe: string, defaultsTo?: number) => ({
  ...NUMBER,
  describe,
  ...(defaultsTo !== undefined && { default: defaultsTo }),
});
const file = (describe: string) => ({ type: 'string' as const, describe });
const BALANCERS: readonly BalancerName[] = ['least-loaded', 'round-robin', 'weighted', 'random'];

export interface ReplayArgs {
  readonly fleet: string;
  /** For all servers that have none of their own. */
  readonly csv?: string | undefined;
  /** SERVER=FILE: of a server alone. */
  readonly trace: readonly string[];
  readonly rateFactor: number;
  readonly from?: number | undefined;
  readonly until?: number | undefined;
  readonly period: number;
  readonly startUp: number;
  readonly seed: number;
  readonly balancer: BalancerName;
  readonly begin: 'file' | 'mean';
  readonly headroom: number;
  readonly windows: number;
  readonly trend: boolean;
  readonly sigmas: number;
  readonly waiting: number;
  readonly thresholdPeriod: number;
  readonly stabilisation: number;
  readonly modelFactors: readonly number[];
  readonly solver?: string | undefined;
  readonly queueModel?: string | undefined;
  readonly format: 'table' | 'json';
  readonly json?: string | undefined;
  readonly html?: string | undefined;
}

export function replayOptions(y: Argv) {
  return y
    .positional('fleet', {
      type: 'string',
      describe: 'JSON file of the fleet',
      coerce: fileOf,
      demandOption: true,
    })
    .positional('csv', file('CSV of requests: arrived_at (s), num_prefill_tokens, num_decode_tokens'))
    .option('trace', {
      type: 'string',
      array: true,
      default: [] as string[],
      describe: 'SERVER=FILE: a trace of its own for a server, as often as you like',
    })
    .option('rate-factor', number('Requests for each one of the traces', 1))
    .option('from', number('Begin at this time of the traces (s)'))
    .option('until', number('End at this time of the traces (s)'))
    .option('period', number('Seconds between plans', D.periodSec))
    .option(
      'start-up',
      number('Seconds until a replica serves, where its profile has no startupSec', D.startupSec),
    )
    .option('seed', number('Of all that is left to chance', 1))
    .option('balancer', {
      choices: BALANCERS,
      default: D.balancer,
      describe: 'How requests are spread over replicas',
    })
    .option('begin', {
      choices: ['file', 'mean'] as const,
      default: D.begin,
      describe:
        'Servers that run nothing begin with the plan for the loads of the file, or the mean of the trace',
    })
    .option('headroom', number('Plan for targets tighter by this share', D.headroomFraction))
    .option('windows', number('brazier: the highest of so many periods counts', D.windows))
    .option('trend', {
      type: 'boolean',
      default: D.isTrendFollowed,
      describe: 'brazier: a rise over these periods is taken to go on',
    })
    .option('sigmas', number('brazier: standard deviations added to what a period counted', D.sigmas))
    .option('waiting', number('threshold: waiting requests per replica', D.thresholdWaiting))
    .option('threshold-period', number('threshold: seconds between looks', D.thresholdPeriodSec))
    .option('stabilisation', number('threshold: window for scaling down (s)', D.thresholdStabilisationSec))
    .option('model-factors', {
      ...NUMBERS,
      default: '1,0.7,1.3',
      describe: 'What the optimizer takes service times to be, over what they are',
    })
    .option('solver', file('Solver (default: as in the file, else unlimited without capacity, else auto)'))
    .option('queue-model', QUEUE_MODEL)
    .option('format', FORMAT)
    .option('json', file('Write the report to this file'))
    .option('html', file('Write the report with plots to this file'))
    .example('$0 replay examples/replay-fleet.json examples/replay-trace.csv --html replay.html', '');
}

/** @throws InputError naming every flag that is out of bounds */
export function settingsOf(args: ReplayArgs): ReplaySettings {
  const bounds: readonly [string, number, number, number][] = [
    ['rate-factor', args.rateFactor, 0, 1000],
    ['from', args.from ?? 0, 0, 1e6],
    ['until', args.until ?? 1e6, (args.from ?? 0) + 1, 1e6],
    ['period', args.period, 1, 86_400],
    ['start-up', args.startUp, 0, 86_400],
    ['seed', args.seed, -(2 ** 31), 2 ** 31 - 1],
    ['headroom', args.headroom, 0, 0.9],
    ['windows', args.windows, 1, 1000],
    ['sigmas', args.sigmas, 0, 10],
    ['waiting', args.waiting, 0.01, 1e6],
    ['threshold-period', args.thresholdPeriod, 1, 3600],
    ['stabilisation', args.stabilisation, 0, 3600],
    ...args.modelFactors.map((factor): [string, number, number, number] => [
      'model-factors',
      factor,
      0.01,
      100,
    ]),
  ];
  const faults = bounds
    .filter(([, value, least, most]) => !(value >= least && value <= most))
    .map(([name, value, least, most]) => `--${name} must be from ${least} to ${most}; it is ${value}`);
  if (args.modelFactors.length === 0) faults.push('--model-factors must have a number at least');
  if (faults.length > 0) throw new InputError(faults.join('\n'));
  return {
    periodSec: args.period,
    startupSec: args.startUp,
    balancer: args.balancer,
    begin: args.begin,
    headroomFraction: args.headroom,
    windows: Math.round(args.windows),
    isTrendFollowed: args.trend,
    sigmas: args.sigmas,
    thresholdWaiting: args.waiting,
    thresholdPeriodSec: args.thresholdPeriod,
    thresholdStabilisationSec: args.stabilisation,
    thresholdMaxReplicas: D.thresholdMaxReplicas,
  };
}
