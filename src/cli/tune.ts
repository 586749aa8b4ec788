import { isObject } from '../schemas/fault-list.ts';
import type { TuneAnswer } from '../schemas/tune.ts';
import { EXIT } from './exit.ts';
import { InputError, readJson, sourceName } from './input.ts';
import { KnownStates } from './known-states.ts';
import { perform } from './operations.ts';
import { progressBar } from './progress-bar.ts';
import { tunedModels } from './tuned-models.ts';
import { tunedText } from './tuned-text.ts';

interface TuneArgs {
  readonly file: string;
  readonly estimator?: string | undefined;
  readonly queueModel?: string | undefined;
  readonly state?: string | undefined;
  readonly format: 'table' | 'json' | 'profile';
  readonly server?: string | undefined;
}

/** `brazier tune`: parameters that follow observations; what is known is kept in a file from one run to the next. */
export async function tuneCommand(args: TuneArgs): Promise<number> {
  const request = withFlags(await readJson(args.file), args);
  const states = args.state === undefined ? null : await KnownStates.read(args.state);
  const bar = await progressBar('tuning');
  let answer: TuneAnswer;
  try {
    const full = states ? states.addedTo(request, args.file) : request;
    answer = await perform('tune', full, args.file, args.server, bar.update);
  } finally {
    bar.stop();
  }
  if (states) {
    await states.write(answer.items);
    console.error(`wrote ${args.state}`);
  }
  console.log(shown(args, answer));
  return answer.items.every(({ status }) => status !== 'invalid') ? EXIT.complete : EXIT.failed;
}

function shown({ format }: TuneArgs, answer: TuneAnswer): string {
  if (format === 'json') return JSON.stringify(answer, null, 2);
  if (format === 'profile') return profiles(answer);
  return answer.items.map(tunedText).join('\n\n');
}

function profiles({ items }: TuneAnswer): string {
  const { models, leftOut } = tunedModels(items);
  for (const { model, variant, status } of leftOut) {
    const why = status === 'collecting' ? ', its parameters cannot be told apart yet' : '';
    console.error(`left out: ${model} as ${variant}: ${status}${why}`);
  }
  return JSON.stringify(models, null, 2);
}

/** A file holds a whole request, its items, or one item. */
function withFlags(content: unknown, { file, estimator, queueModel }: TuneArgs): Record<string, unknown> {
  const request = Array.isArray(content)
    ? { items: content }
    : isObject(content) && 'observations' in content
      ? { items: [content] }
      : content;
  if (!isObject(request)) {
    throw new InputError(`${sourceName(file)}: must be a request to /tune, or a list of its items`);
  }
  return {
    ...request,
    ...(estimator !== undefined && { estimator }),
    ...(queueModel !== undefined && { queueModel }),
  };
}
