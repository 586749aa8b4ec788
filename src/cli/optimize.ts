import { canonicalKeys } from '../inferno/canonical-keys.ts';
import { fromInferno } from '../inferno/from-inferno.ts';
import { loadRegistry } from '../registry.ts';
import { requestChecks } from '../schemas/checker.ts';
import { InfernoRequest } from '../schemas/inferno.ts';
import type { OptimizeRequest } from '../schemas/plan.ts';
import { EXIT } from './exit.ts';
import { InputError, readJson } from './input.ts';
import { OPTIMIZE, perform } from './operations.ts';
import { planTable } from './plan-table.ts';
import { terminalWidth } from './table.ts';

interface OptimizeArgs {
  readonly file: string;
  readonly solver?: string | undefined;
  readonly queueModel?: string | undefined;
  readonly from: 'brazier' | 'inferno';
  readonly format: 'table' | 'json';
  readonly server?: string | undefined;
}

export async function optimizeCommand(args: OptimizeArgs): Promise<number> {
  const { file, solver, queueModel, format, server } = args;
  const input = await readJson(file);
  const { request, dropped, notes } =
    args.from === 'inferno' ? await translate(input, file) : { request: input, dropped: [], notes: [] };
  const named =
    typeof request === 'object' && request !== null && !Array.isArray(request)
      ? {
          ...request,
          ...(solver !== undefined && { solver }),
          ...(queueModel !== undefined && { queueModel }),
        }
      : request;
  const plan = await perform(OPTIMIZE, named, file, server);
  console.log(
    format === 'json'
      ? JSON.stringify(plan, null, 2)
      : planTable(plan, named as OptimizeRequest, terminalWidth()),
  );
  for (const note of notes) console.error(note);
  for (const { server: name, text } of dropped) console.error(`${name} takes no part: ${text}`);
  return plan.status === 'complete' && dropped.length === 0 ? EXIT.complete : EXIT.shortfall;
}

async function translate(input: unknown, file: string) {
  const canonical = canonicalKeys(InfernoRequest, input);
  const faults = requestChecks(await loadRegistry()).InfernoRequest(canonical);
  if (faults.length > 0) throw InputError.ofFaults(file, 'not a system of llm-inferno', faults);
  return fromInferno(canonical as InfernoRequest);
}
