import { canonicalKeys } from '../inferno/canonical-keys.ts';
import { fromInferno, type Translated } from '../inferno/from-inferno.ts';
import { formCheck } from '../schemas/checker.ts';
import { isObject } from '../schemas/fault-list.ts';
import { InfernoRequest } from '../schemas/inferno.ts';
import type { OptimizeRequest } from '../schemas/plan.ts';
import { EXIT } from './exit.ts';
import { InputError, readJson } from './input.ts';
import { perform } from './operations.ts';
import { planTable } from './plan-table.ts';
import { terminalWidth } from './table.ts';

interface OptimizeArgs {
  readonly file: string;
  readonly solver?: string | undefined;
  readonly queueModel?: string | undefined;
  readonly explain?: boolean | undefined;
  readonly from: 'brazier' | 'inferno';
  readonly format: 'table' | 'json';
  readonly server?: string | undefined;
}

/** `brazier optimize`: a fleet in, a plan out. */
export async function optimizeCommand(args: OptimizeArgs): Promise<number> {
  const { file, solver, queueModel, explain, format, server } = args;
  const input = await readJson(file);
  const {
    request,
    dropped,
    notes,
  }: { request: unknown; dropped: Translated['dropped']; notes: readonly string[] } =
    args.from === 'inferno' ? translate(input, file) : { request: input, dropped: [], notes: [] };
  const named = isObject(request)
    ? {
        ...request,
        ...chosen('solver', request, solver),
        ...chosen('queueModel', request, queueModel),
        ...(explain && { explain }),
      }
    : request;
  const plan = await perform('optimize', named, file, server);
  console.log(
    format === 'json'
      ? JSON.stringify(plan, null, 2)
      : planTable(plan, named as OptimizeRequest, terminalWidth()),
  );
  for (const note of notes) console.error(note);
  for (const { server: name, text } of dropped) console.error(`${name} takes no part: ${text}`);
  return plan.status === 'complete' && dropped.length === 0 ? EXIT.complete : EXIT.shortfall;
}

/** The strategy that a flag names; options that the file gives for the same one stay. */
function chosen(
  field: 'solver' | 'queueModel',
  request: Record<string, unknown>,
  name: string | undefined,
): object {
  const given = request[field];
  const same = isObject(given) && given.name === name;
  return name === undefined || same ? {} : { [field]: name };
}

function translate(input: unknown, file: string): Translated {
  const canonical = canonicalKeys(InfernoRequest, input);
  const faults = formCheck(InfernoRequest)(canonical);
  if (faults.length > 0) throw InputError.ofFaults(file, 'not a system of llm-inferno', faults);
  return fromInferno(canonical as InfernoRequest);
}
