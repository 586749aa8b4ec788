import type { Part, Staying } from '../solvers/solver.ts';
import type { CardLimits } from './card-limits.ts';
import { minReplicasOf, type ServerMixing, type Unmixed, wholeReplicas } from './demand.ts';
import type { Weights } from './objective.ts';
import { powerWatts } from './power.ts';
import type { Sizer } from './sizer.ts';
import {
  runningLimit,
  staysAs,
  valueBeyondReplicas,
  valueOfKeeping,
  valuePerReplica,
  type Wanted,
  wantedOf,
} from './transition.ts';

/** undefined: several variants would not serve it better than one. */
export function mixingOf(
  demand: Unmixed,
  sizer: Sizer,
  limits: CardLimits,
  weights: Weights,
): ServerMixing | undefined {
  const { resolved, running, plannedRate, unknown } = demand;
  if (unknown || plannedRate === null) return undefined;
  // Priced though nothing runs: what is saved by stopping it does not add up by variants.
  if (running.some(({ replicas, costPerHour }) => replicas === 0 && costPerHour > 0)) return undefined;
  const isBySize = sizer.worksWithRates && plannedRate > 0 && resolved.load!.sizes.length > 1;
  const parts = isBySize ? partsBySize(demand, sizer, limits, weights) : partsAlike(demand, weights);
  if (!parts) return undefined;
  const { maxReplicas = Number.POSITIVE_INFINITY, spareReplicas = 0 } = resolved.server;
  const staying = stayingOf(demand, parts, weights);
  return {
    ...parts,
    ...(staying && { staying }),
    minReplicas: minReplicasOf(resolved),
    maxReplicas,
    // As for one variant alone: without a load none are spare.
    spareReplicas: plannedRate > 0 ? spareReplicas : 0,
  };
}

/** Exactly what runs, where a contract prices it otherwise than its replicas. */
function stayingOf({ running }: Unmixed, { parts, servings }: Parts, weights: Weights): Staying | undefined {
  const replicas = parts.map(() => 0);
  const wanted: Wanted[] = [];
  for (const current of running) {
    if (current.replicas === 0) continue;
    const part = servings.findIndex(({ profile, maxBatchSize }) =>
      staysAs(current, { variant: profile, maxBatchSize }),
    );
    // More than all of the load takes is never given.
    if (part < 0 || current.replicas > parts[part].requiredReplicas) return undefined;
    replicas[part] = current.replicas;
    wanted.push(wantedOf(servings[part], current.replicas));
  }
  const difference = valueBeyondReplicas(running, wanted, weights);
  return difference === 0 ? undefined : { replicas, difference };
}

type Parts = Pick<ServerMixing, 'sizes' | 'parts' | 'servings' | 'requestSizes' | 'servableShare'>;

/** Every part gets requests of all sizes alike: its candidates, each with a share. */
function partsAlike(
  { resolved, running, plannedRate, candidates }: Unmixed,
  weights: Weights,
): Parts | undefined {
  const [best] = candidates;
  // Where the limits of the server leave no variant enough replicas, a mix has no more of them.
  if (candidates.length < 2 || best.replicas < best.requiredReplicas) return undefined;
  return {
    sizes: [1],
    parts: candidates.map(
      (candidate, index): Part => ({
        variant: candidate.variant,
        uses: candidate.uses,
        loads: [candidate.ratePerReplica === null ? 0 : plannedRate! / candidate.ratePerReplica],
        requiredReplicas: candidate.requiredReplicas,
        valuePerReplica: candidate.valuePerReplica,
        valueOfKeeping: valueOfKeeping(
          running,
          { variant: candidate.profile, maxBatchSize: candidate.maxBatchSize },
          weights,
        ),
        candidate: index,
      }),
    ),
    servings: candidates,
    requestSizes: resolved.load!.sizes,
    servableShare: 1,
  };
}

/** What goes to which part is decided size by size; a variant that cannot serve all sizes may serve some. */
function partsBySize(demand: Unmixed, sizer: Sizer, limits: CardLimits, weights: Weights): Parts | undefined {
  const { resolved, running, plannedRate, candidates, excluded } = demand;
  const all = resolved.load!.sizes;
  const wanted = sizer.numbered(resolved.targets);
  const able = resolved.variants.flatMap((variant, index) => {
    const candidate = candidates.findIndex(({ profile }) => profile === variant);
    const isPartly = excluded.some(
      ({ variant: name, code }) => name === variant.name && code === 'size-unmeasured',
    );
    if (candidate < 0 && !isPartly) return [];
    const serving = candidates[candidate] ?? {
      profile: variant,
      maxBatchSize:
        resolved.server.maxBatchSize ??
        runningLimit(variant, running) ??
        variant.profile.maxBatchSize ??
        null,
      queue: null,
      ratePerReplica: null,
      binding: null,
      // As good as full: how full it will be nobody can say before it is decided what goes where.
      weighedPerReplica: weights.power * (powerWatts(variant, 1, 1) ?? 0),
      sizedWith: null,
    };
    const loads = all.map((size) => {
      const { throughputPerSec } = sizer
        .workload(resolved, [size])
        .size(index, serving.maxBatchSize ?? 1, false, wanted);
      return throughputPerSec > 0 ? (plannedRate! * size.share) / throughputPerSec : Number.POSITIVE_INFINITY;
    });
    return [{ variant, candidate, serving, loads }];
  });
  const servable = all.map((_, size) => able.some(({ loads }) => Number.isFinite(loads[size])));
  const requestSizes = all.filter((_, size) => servable[size]);
  if (requestSizes.length === 0) return undefined;
  const servableShare =
    requestSizes.length === all.length ? 1 : requestSizes.reduce((sum, { share }) => sum + share, 0);
  const { spareReplicas = 0 } = resolved.server;
  const ofUse = able.filter(({ loads }) => loads.some(Number.isFinite));
  return {
    sizes: requestSizes.map(({ share }) => share / servableShare),
    parts: ofUse.map(({ variant, candidate, serving, loads: ofAll }): Part => {
      const wanted = { variant, maxBatchSize: serving.maxBatchSize };
      const loads = ofAll.filter((_, size) => servable[size]);
      const all = loads.reduce((sum, load) => (Number.isFinite(load) ? sum + load : sum), 0);
      return {
        variant: variant.name,
        uses: limits.usesOf(resolved, variant),
        loads,
        requiredReplicas:
          candidates[candidate]?.requiredReplicas ??
          Math.max(minReplicasOf(resolved), wholeReplicas(all)) + spareReplicas,
        valuePerReplica: valuePerReplica(running, wanted, weights) + serving.weighedPerReplica,
        valueOfKeeping: valueOfKeeping(running, wanted, weights),
        candidate: candidate < 0 ? null : candidate,
      };
    }),
    servings: ofUse.map(({ serving }) => serving),
    requestSizes,
    servableShare,
  };
}
