import type { Argv } from 'yargs';
import { COMMON, FILE, NUMBER, STATION, TARGETS } from './options.ts';

const STATUS = 'Exit status: 0 done, 1 bad input or failure, 2 the targets cannot be reached.';
const EXAMPLE = '--alpha 20.58 --beta 0.041 --gamma 0.00128 --batch 32 --input 128 --output 1024';

/** What `brazier analyze` takes. */
export function analyzeOptions(y: Argv) {
  return y
    .positional('file', FILE)
    .options(STATION)
    .option('rate', { ...NUMBER, describe: 'One rate (requests/s)' })
    .option('from', {
      ...NUMBER,
      describe: 'First rate of a range (default: 2 % of the highest stable rate)',
    })
    .option('to', {
      ...NUMBER,
      describe: 'Last rate of a range (default: 97 % of the highest stable rate)',
    })
    .option('points', { ...NUMBER, describe: 'Rates in the range', default: 25 })
    .option('plot', {
      type: 'string',
      describe: 'Draw the curve: in the terminal, or into the SVG file named',
    })
    .options(COMMON)
    .example(`$0 analyze ${EXAMPLE} --plot`, '');
}

/** What `brazier size` takes. */
export function sizeOptions(y: Argv) {
  return y
    .positional('file', FILE)
    .options(STATION)
    .options(TARGETS)
    .option('rate', { ...NUMBER, describe: 'A load (requests/s) to find the replicas for' })
    .options(COMMON)
    .example(`$0 size ${EXAMPLE} --ttft 1000 --itl 40`, '')
    .epilogue(STATUS);
}

/** What `brazier concurrency` takes. */
export function concurrencyOptions(y: Argv) {
  return y
    .positional('file', FILE)
    .options(STATION)
    .options(TARGETS)
    .options(COMMON)
    .example(`$0 concurrency ${EXAMPLE} --itl 40`, '')
    .epilogue(STATUS);
}
