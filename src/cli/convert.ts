import {
  AibrixProfile,
  fromAibrix,
  fromMelange,
  type Lengths,
  MelangeInput,
  shapeFault,
} from '../converters/profiles.ts';
import { formCheck } from '../schemas/checker.ts';
import { isObject } from '../schemas/fault-list.ts';
import type { OptimizeRequest } from '../schemas/plan.ts';
import { EXIT } from './exit.ts';
import { InputError, readJson } from './input.ts';

interface ConvertArgs {
  readonly files: readonly string[];
  readonly model: string;
  readonly rate?: number | undefined;
  readonly inputs?: readonly number[] | undefined;
  readonly outputs?: readonly number[] | undefined;
}

/** `brazier convert`: files of Mélange or AIBrix as a request to `/optimize`, printed. */
export async function convertCommand(args: ConvertArgs): Promise<number> {
  for (const [option, tokens] of Object.entries({ inputs: args.inputs, outputs: args.outputs })) {
    if (tokens && !tokens.every((length) => length >= 1)) {
      throw new InputError(`--${option} must be token counts of at least 1, separated by commas`);
    }
  }
  if (args.rate !== undefined && !(args.rate >= 0))
    throw new InputError('--rate must be requests/s, at least 0');
  const contents = await Promise.all(
    args.files.map(async (file) => ({ file, content: await readJson(file) })),
  );
  const isMelange = contents.some(({ content }) => isObject(content) && 'gpu_info' in content);
  if (isMelange && contents.length > 1) {
    throw new InputError('Mélange has one file for all GPUs: convert one at a time.');
  }
  const request = isMelange ? melange(contents[0].file, contents[0].content, args) : aibrix(contents, args);
  if (request.servers[0].load === null) {
    console.error('The load is not told: give --rate, or fill in /servers/0/load (null: what runs is kept).');
  }
  console.log(JSON.stringify(request, null, 2));
  return EXIT.complete;
}

function melange(file: string, content: unknown, args: ConvertArgs): OptimizeRequest {
  const input = checked<MelangeInput>(MelangeInput, file, content);
  const [first] = Object.values(input.gpu_info);
  if (!first) throw faultIn(file, '/gpu_info', 'must have at least one GPU');
  const lengths: Lengths = {
    inputs: args.inputs ?? numbered(first.tputs.length),
    outputs: args.outputs ?? numbered(first.tputs[0].length),
  };
  const { inputs, outputs } = lengths;
  const matrices = [
    ...Object.entries(input.gpu_info).map(([gpu, { tputs }]) => ({
      path: `/gpu_info/${gpu}/tputs`,
      matrix: tputs,
    })),
    ...(input.workload_distribution
      ? [{ path: '/workload_distribution', matrix: input.workload_distribution }]
      : []),
  ];
  for (const { path, matrix } of matrices) refuse(file, path, shapeFault(matrix, inputs, outputs));
  if (!args.inputs || !args.outputs) {
    console.error(
      'The file does not tell the lengths that its rows (prompts) and columns (outputs) stand for: they are numbered 1, 2, … unless --inputs and --outputs tell.',
    );
  }
  return fromMelange(input, lengths, { model: args.model, requestsPerSec: args.rate });
}

function aibrix(
  contents: readonly { readonly file: string; readonly content: unknown }[],
  { model, rate, inputs, outputs }: ConvertArgs,
): OptimizeRequest {
  const profiles = contents.map(({ file, content }) => {
    const profile = checked<AibrixProfile>(AibrixProfile, file, content);
    refuse(file, '/tputs', shapeFault(profile.tputs, ...profile.indexes));
    return profile;
  });
  if ((inputs?.length ?? 0) !== (outputs?.length ?? 0)) {
    throw new InputError('--inputs and --outputs must be as many: together they name the sizes of the load.');
  }
  const sizes = (inputs ?? []).map((inputTokens, i) => ({
    inputTokens,
    outputTokens: outputs![i],
    share: 1 / inputs!.length,
  }));
  return fromAibrix(profiles, sizes, { model, requestsPerSec: rate });
}

function checked<T>(schema: Parameters<typeof formCheck>[0], file: string, content: unknown): T {
  const faults = formCheck(schema)(content);
  if (faults.length === 0) return content as T;
  throw InputError.ofFaults(file, 'is neither the input of Mélange nor a profile of AIBrix', faults);
}

function refuse(file: string, path: string, message: string | undefined): void {
  if (message) throw faultIn(file, path, message);
}

function faultIn(file: string, path: string, message: string): InputError {
  return InputError.ofFaults(file, 'one fault', [{ path, message }]);
}

function numbered(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}
