import { writeFile } from 'node:fs/promises';
import { loadFor, optimizeRequest } from '../operations/optimize-request.ts';
import { loadForTuning, tuneRequest } from '../operations/tune-request.ts';
import { loadRegistry } from '../registry.ts';
import { divide } from '../replay/division.ts';
import { replay } from '../replay/replay.ts';
import { classesOf } from '../replay/replayed-server.ts';
import { requestChecks } from '../schemas/checker.ts';
import { isObject } from '../schemas/fault-list.ts';
import type { OptimizeRequest } from '../schemas/plan.ts';
import { EXIT } from './exit.ts';
import { countOf, InputError, readJson } from './input.ts';
import { progressBar } from './progress-bar.ts';
import { type ReplayArgs, settingsOf } from './replay-options.ts';
import { replayText } from './replay-text.ts';
import { traceShares } from './replay-traces.ts';

/** `brazier replay`: a fleet and a trace in, what each policy would have made of it out. */
export async function replayCommand(args: ReplayArgs): Promise<number> {
  const registry = await loadRegistry(process.env.BRAZIER_PLUGINS);
  const fleet = await fleetOf(args, registry);
  const settings = settingsOf(args);
  const traces = await traceShares(args, fleet);
  const [fromSec, untilSec] = [args.from ?? 0, args.until ?? Number.POSITIVE_INFINITY];
  const classShares = fleet.servers.map((server) => classesOf(fleet, server).map(({ share }) => share));
  const { rateFactor, seed } = args;
  const workloads = divide(traces, classShares, { fromSec, untilSec, rateFactor, seed });
  const lastMs = Math.max(...workloads.map(({ arrivals }) => arrivals.at(-1)?.atMs ?? -1));
  if (lastMs < 0) {
    throw new InputError('--from, --until and --rate-factor leave no request of the trace');
  }
  // Without an end it ends with the period of the last request.
  const endMs =
    untilSec < Number.POSITIVE_INFINITY
      ? 1000 * (untilSec - fromSec)
      : 1000 * settings.periodSec * Math.ceil((lastMs + 1) / (1000 * settings.periodSec));

  await loadFor(fleet, registry);
  await loadForTuning({}, registry);
  const bar = await progressBar('replaying');
  const beginMs = performance.now();
  const report = replay(
    { fleet, workloads, endMs, settings, modelFactors: args.modelFactors, seed },
    {
      optimize: (request) => optimizeRequest(request, registry),
      tune: (request) => tuneRequest({ ...request, queueModel: fleet.queueModel }, registry),
      nowMs: () => performance.now(),
    },
    bar.update,
  );
  bar.stop();
  const tookSec = (performance.now() - beginMs) / 1000;
  console.log(args.format === 'json' ? JSON.stringify(report, null, 2) : replayText(report, tookSec));
  if (args.json !== undefined) await write(args.json, `${JSON.stringify(report, null, 2)}\n`);
  if (args.html !== undefined) {
    // Drawing libraries are loaded only where something is drawn.
    const { replayPage } = await import('./replay-page.ts');
    await write(args.html, replayPage(report, fleet));
  }
  return EXIT.complete;
}

async function write(file: string, content: string): Promise<void> {
  await writeFile(file, content);
  console.error(`wrote ${file}`);
}

/** The fleet, checked, with what flags say on top. */
async function fleetOf(
  { fleet: file, solver, queueModel }: ReplayArgs,
  registry: Awaited<ReturnType<typeof loadRegistry>>,
): Promise<OptimizeRequest> {
  const input = await readJson(file);
  const named = isObject(input)
    ? { ...input, ...(solver && { solver }), ...(queueModel && { queueModel }) }
    : input;
  const faults = requestChecks(registry).OptimizeRequest(named);
  if (faults.length > 0) throw InputError.ofFaults(file, countOf(faults.length), faults);
  const fleet = named as OptimizeRequest;
  const unknown = unknownTimes(fleet);
  if (unknown.length > 0) throw InputError.ofFaults(file, countOf(unknown.length), unknown);
  return fleet;
}

/** Only what has a service time can be simulated. */
function unknownTimes(fleet: OptimizeRequest) {
  const served = new Set(fleet.servers.map(({ model }) => model));
  return fleet.models
    .flatMap(({ name, profiles }, i) =>
      profiles.flatMap(({ serviceTime }, j) => {
        const { alphaMs = 0, betaMsPerToken = 0, gammaMsPerToken2 = 0 } = serviceTime ?? {};
        if (!served.has(name)) return [];
        const path = `/models/${i}/profiles/${j}/serviceTime`;
        if (alphaMs + betaMsPerToken + gammaMsPerToken2 > 0) return [];
        return [{ path, message: 'is required, and not all of it 0: without it nothing can be replayed' }];
      }),
    )
    .concat(
      fleet.servers.flatMap(({ model, current = [] }, i) => {
        const profiles = fleet.models.find(({ name }) => name === model)!.profiles;
        const variants = profiles.map(({ variant, accelerator }) => variant ?? accelerator);
        return current.flatMap(({ variant }, j) => {
          const path = `/servers/${i}/current/${j}/variant`;
          return variants.includes(variant)
            ? []
            : [{ path, message: 'has no profile: it cannot be replayed' }];
        });
      }),
    );
}
