import type { Argv } from 'yargs';
import { FILE, FORMAT, NUMBER, SERVER, STATION } from './options.ts';

/** What `brazier simulate` takes. */
export function simulateOptions(y: Argv) {
  return y
    .positional('file', {
      ...FILE,
      describe: 'A request, a station, or a fleet (JSON); - for standard input',
    })
    .options(STATION)
    .option('rate', { ...NUMBER, describe: 'Mean rate of all replicas together (requests/s)' })
    .option('replicas', { ...NUMBER, describe: 'Replicas of the station (default: 1)' })
    .option('cv', {
      ...NUMBER,
      describe: 'Variability of the gaps between arrivals: 0 none, 1 Poisson (default), more in bursts',
    })
    .option('trace', {
      type: 'string',
      describe:
        'Requests as they were recorded (CSV: arrival, prompt tokens, output tokens), with their sizes',
      conflicts: ['rate', 'cv', 'lengths'],
    })
    .option('lengths', {
      choices: ['exponential', 'constant'] as const,
      describe: 'Lengths of prompts and outputs (default: exponential)',
    })
    .option('seed', { ...NUMBER, describe: 'Of the random draws: same seed, same answer (default: 1)' })
    .option('requests', { ...NUMBER, describe: 'Requests at most (default: 100000)' })
    .option('seconds', { ...NUMBER, describe: 'Simulated time at most (s)' })
    .option('precision', {
      ...NUMBER,
      describe: 'End when mean TTFT and ITL are known within this share (default: 0.02; 0: never)',
    })
    .option('format', FORMAT)
    .option('plot', { type: 'string', describe: 'Draw the latencies into this SVG file' })
    .option('server', SERVER)
    .example('$0 simulate station.json --rate 14 --plot latencies.svg', '')
    .example('$0 simulate station.json --trace requests.csv', 'the requests of a trace')
    .example('$0 simulate fleet.json --lengths constant', 'plans the fleet, and simulates the plan')
    .epilogue('Exit status: 0 done, 1 bad input or failure, 2 a server of the plan misses its targets.');
}
