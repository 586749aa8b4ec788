import type { Argv } from 'yargs';
import { FILE, FORMAT, fileOf, NUMBER, QUEUE_MODEL, SERVER } from './options.ts';

/** `profile`: only what a fleet file takes. */
const WITH_PROFILE = { ...FORMAT, choices: ['table', 'json', 'profile'] as const };

/** What `brazier fit` takes. */
export function fitOptions(y: Argv) {
  return y
    .positional('files', {
      type: 'string',
      array: true,
      demandOption: true,
      describe:
        'Reports (JSON, flat records, CSV), fitted together; or JSON with "observations" or a whole request; - for standard input',
      coerce: (files: readonly string[]) => files.map(fileOf),
    })
    .option('batch', { ...NUMBER, describe: 'Batch limit of the replica measured (default: 256)' })
    .option('batch-tokens', {
      ...NUMBER,
      describe: 'Token budget of one of its iterations (default: 8192)',
    })
    .option('terms', {
      type: 'string',
      describe: 'Terms that may be added to the law, with commas between them; none (default: all)',
    })
    .option('laws', {
      type: 'string',
      describe:
        'Laws that may be chosen, the plainest first, with commas between them (default: linear,power,two-regime)',
    })
    .option('queue-model', QUEUE_MODEL)
    .option('model', { type: 'string', describe: 'Name of the model, for the profile' })
    .option('accelerator', {
      type: 'string',
      default: 'accelerator',
      describe: 'Name of the accelerator, for the profile',
    })
    .option('format', WITH_PROFILE)
    .option('plot', { type: 'string', describe: 'Draw predicted against measured into this SVG file' })
    .option('server', SERVER)
    .example('$0 fit sweeps/*.json --batch 256 --accelerator H100 --plot fit.svg', '')
    .example('$0 fit report.csv --format profile', '');
}

/** What `brazier tune` takes. */
export function tuneOptions(y: Argv) {
  return y
    .positional('file', { ...FILE, demandOption: true })
    .option('estimator', { type: 'string', describe: 'Estimator (default: auto)' })
    .option('queue-model', QUEUE_MODEL)
    .option('state', {
      type: 'string',
      describe: 'File of what is known: read where it exists, and written anew',
    })
    .option('format', WITH_PROFILE)
    .option('server', SERVER)
    .example('$0 tune observations.json --state known.json', '')
    .example('$0 tune observations.json --format profile', '');
}
