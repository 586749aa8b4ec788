import yargs from 'yargs';
import { VERSION } from '../version.ts';
import { EXIT } from './exit.ts';
import { InputError } from './input.ts';
import { COMMON, FILE, FILES, FORMAT, NUMBER, NUMBERS, QUEUE_MODEL, SERVER, withDashes } from './options.ts';
import { type ReplayArgs, replayOptions } from './replay-options.ts';
import { simulateOptions } from './simulate-options.ts';
import { analyzeOptions, concurrencyOptions, sizeOptions } from './station-options.ts';
import { fitOptions, tuneOptions } from './tuning-options.ts';

/**
 * Parses a command line and runs its command. What a command needs is loaded when it runs.
 *
 * @returns the exit status of the command
 * @throws InputError at a command line that is none
 */
export async function runParsed(args: readonly string[]): Promise<number> {
  let status: number = EXIT.complete;
  const run = <A>(command: (args: A) => Promise<number>) => {
    return async (given: A) => {
      status = await command(given);
    };
  };
  const parser = yargs(withDashes(args))
    .scriptName('brazier')
    .usage(
      '$0 <command>\n\nKeeps an LLM-inference fleet within its service-level objectives at the least cost.',
    )
    .command(
      'serve',
      'Start the service',
      async (y) => {
        const { configHelp } = await import('../config.ts');
        return y.epilogue(`Environment variables:\n${configHelp()}`);
      },
      run(async () => (await import('./serve.ts')).serve()),
    )
    .command(
      'optimize <file>',
      'Optimize a fleet and print the plan',
      (y) =>
        y
          .positional('file', { ...FILE, demandOption: true })
          .option('solver', {
            type: 'string',
            describe: 'Solver (default: unlimited without capacity, else auto)',
          })
          .option('queue-model', QUEUE_MODEL)
          .option('explain', {
            type: 'boolean',
            describe: 'Also what one more card of each short type would save, and looser targets',
          })
          .option('from', {
            choices: ['brazier', 'inferno'] as const,
            default: 'brazier' as const,
            describe: 'Form of the file',
          })
          .option('format', FORMAT)
          .option('server', SERVER)
          .epilogue(
            'Exit status: 0 every server is served in full, 1 bad input or failure, 2 a plan with shortfalls.',
          ),
      run(async (args) => (await import('./optimize.ts')).optimizeCommand(args)),
    )
    .command(
      'compare <file>',
      'Optimize a fleet in several ways, and compare the plans',
      (y) =>
        y
          .positional('file', { ...FILE, demandOption: true })
          .option('run', {
            type: 'string',
            array: true,
            describe: 'SOLVER or SOLVER:QUEUE-MODEL, as often as you like (default: greedy, auto, unlimited)',
          })
          .option('format', FORMAT)
          .option('server', SERVER)
          .example('$0 compare fleet.json --run greedy --run auto:iteration', '')
          .epilogue('Exit status: 0 done, also where a plan has shortfalls, 1 bad input or failure.'),
      run(async (args) => (await import('./compare.ts')).compareCommand(args)),
    )
    .command(
      'minimum-cards <file>',
      'The least cards that serve a fleet in full',
      (y) =>
        y
          .positional('file', { ...FILE, demandOption: true })
          .option('type', {
            type: 'string',
            describe: 'The fewest cards of this type (default: of all types, those that cost least)',
          })
          .option('price', {
            type: 'string',
            array: true,
            describe:
              'TYPE=PRICE of a card, as often as you like (default: what its accelerators cost per card)',
          })
          .option('load-factors', { ...NUMBERS, describe: 'A curve over the load: 0.5,1,2' })
          .option('target-factors', { ...NUMBERS, describe: 'A curve over the targets: 0.5,1,2' })
          .option('solver', { type: 'string', describe: 'Solver (default: milp)' })
          .options(COMMON)
          .example('$0 minimum-cards fleet.json --load-factors 0.5,1,1.5,2', '')
          .epilogue('Exit status: 0 found, 1 bad input or failure, 2 no number of cards serves all in full.'),
      run(async (args) => (await import('./minimum-cards.ts')).minimumCardsCommand(args)),
    )
    .command(
      'convert <files..>',
      'Print the fleet that an input of Mélange, or profiles of AIBrix, stand for',
      (y) =>
        y
          .positional('files', { ...FILES, demandOption: true })
          .option('model', { type: 'string', default: 'model', describe: 'Name of the model' })
          .option('rate', { ...NUMBER, describe: 'Offered load (requests/s)' })
          .option('inputs', {
            ...NUMBERS,
            describe: 'Prompt lengths: of the rows (Mélange), or of the sizes of the load (AIBrix)',
          })
          .option('outputs', {
            ...NUMBERS,
            describe: 'Output lengths: of the columns (Mélange), or of the sizes of the load (AIBrix)',
          })
          .example('$0 convert melange.json | $0 optimize -', '')
          .example('$0 convert a100.json l40s.json --rate 20 --inputs 256,1024 --outputs 64,128', ''),
      run(async (args) => (await import('./convert.ts')).convertCommand(args)),
    )
    .command(
      'analyze [file]',
      'Latencies of one replica over its rate',
      (y) => analyzeOptions(y),
      run(async (args) => (await import('./analyze.ts')).analyzeCommand(args)),
    )
    .command(
      'size [file]',
      'Highest rate of one replica within its targets',
      (y) => sizeOptions(y),
      run(async (args) => (await import('./size.ts')).sizeCommand(args)),
    )
    .command(
      'concurrency [file]',
      'A small batch limit with near-peak throughput',
      (y) => concurrencyOptions(y),
      run(async (args) => (await import('./concurrency.ts')).concurrencyCommand(args)),
    )
    .command(
      'simulate [file]',
      'Simulate every request of a station, of pools, or of the servers of a plan',
      (y) => simulateOptions(y),
      run(async (args) => (await import('./simulate.ts')).simulateCommand(args)),
    )
    .command(
      'fit <files..>',
      'Parameters of a service time from benchmarks: GuideLLM reports, or observations',
      (y) => fitOptions(y),
      run(async (args) => (await import('./fit.ts')).fitCommand(args)),
    )
    .command(
      'tune <file>',
      'Parameters that follow what a fleet was observed to do',
      (y) => tuneOptions(y),
      run(async (args) => (await import('./tune.ts')).tuneCommand(args)),
    )
    .command(
      'replay <fleet> [csv]',
      'Replay a trace of requests through a fleet under several policies',
      (y) => replayOptions(y),
      run(async (args) => (await import('./replay.ts')).replayCommand(args as ReplayArgs)),
    )
    .command(
      'health',
      'Ask the service on this machine whether it is ready (exit status 0) or not (1)',
      (y) =>
        y.epilogue(
          'It is asked at HOST and PORT, over HTTPS where TLS_CERT_FILE is set, as it is told itself.',
        ),
      run(async () => (await import('./health.ts')).health()),
    )
    .command(
      'demo',
      'Start the service, post an example fleet, print its plan, and stop',
      (y) => y,
      run(async () => (await import('./demo.ts')).demo()),
    )
    .command(
      'openapi',
      'Print the OpenAPI document',
      (y) =>
        y
          .option('write', { type: 'string', describe: 'Write it to this file' })
          .option('check', { type: 'string', describe: 'Fail when this file differs from it' }),
      run(async (args) => (await import('./openapi.ts')).writeOpenApi(args)),
    )
    .completion('completion', 'Print a completion script for your shell')
    .demandCommand(1, 'Name a command.')
    .strict()
    .check(areNumbers)
    .recommendCommands()
    .version(VERSION)
    .wrap(Math.min(110, process.stdout.columns ?? 110))
    .exitProcess(false)
    .fail((message, error) => {
      throw message ? new InputError(`${misuse(message)}\n${HELP}`) : error;
    });
  await parser.parseAsync();
  return status;
}

const HELP = 'brazier --help lists the commands, brazier COMMAND --help what one takes.';

/** What all commands that need an argument need is a file; the parser counts arguments. */
function misuse(message: string): string {
  return message.startsWith('Not enough non-option arguments')
    ? 'Name a file; - for standard input.'
    : message;
}

/** What is to be a number and is none would be told as NaN, of a field that nobody wrote. */
function areNumbers(args: Readonly<Record<string, unknown>>): true {
  const faulty = Object.entries(args)
    .filter(([name, value]) => !/[A-Z]/.test(name) && [value].flat().some((one) => Number.isNaN(one)))
    .map(([name, value]) =>
      Array.isArray(value) ? `--${name} takes numbers with commas between` : `--${name} takes a number`,
    );
  if (faulty.length > 0) throw new InputError(faulty.join('\n'));
  return true;
}
