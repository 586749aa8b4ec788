import type { Route } from '../schemas/server-plan.ts';
import { isMix } from '../solvers/mix.ts';
import { serviceOf } from '../solvers/service.ts';
import type { Mix, Solution } from '../solvers/solver.ts';
import { compareText } from './catalog.ts';
import type { ServerCandidate, ServerDemand, ServerMixing, Serving } from './demand.ts';
import type { Sizer } from './sizer.ts';

/** What a solver gave to a server. */
export interface Given {
  /** At least one, in the order of their names. */
  readonly parts: readonly GivenPart[];
  readonly servedFraction: number;
  readonly routing: readonly Route[];
}

/** Replicas of one variant, with their share of the load. */
export interface GivenPart {
  readonly serving: Serving;
  readonly replicas: number;
  readonly loadFraction: number;
}

/** What a server was given of one variant alone. */
export interface GivenAlone {
  readonly candidate: ServerCandidate;
  readonly replicas: number;
}

export function givenOf(
  demand: ServerDemand,
  assignment: Solution['assignments'][number],
  sizer: Sizer,
): Given | null {
  if (!assignment) return null;
  if (isMix(assignment)) return mixGiven(demand, assignment, demand.mixing!, sizer);
  const serving = demand.candidates[assignment.candidate];
  const { replicas } = assignment;
  const servedFraction = serviceOf(demand, assignment);
  return { parts: [{ serving, replicas, loadFraction: 1 }], servedFraction, routing: [] };
}

function mixGiven(demand: ServerDemand, mix: Mix, mixing: ServerMixing, sizer: Sizer): Given {
  const { servings, requestSizes } = mixing;
  // One size may be all that is left of several: the others nobody serves.
  const isBySize = demand.resolved.load!.sizes.length > 1 && mixing.sizes.length === requestSizes.length;
  const parts = mix.parts
    .map(({ part, replicas, shares }) => {
      const fractions = requestSizes.map((_, size) => shares[isBySize ? size : 0]);
      const received = requestSizes.map((size, i) => ({ ...size, share: size.share * fractions[i] }));
      const loadFraction = isBySize ? received.reduce((sum, { share }) => sum + share, 0) : shares[0];
      const serving = isBySize
        ? servingOf(
            demand,
            servings[part],
            received.filter(({ share }) => share > 0),
            loadFraction,
            sizer,
          )
        : servings[part];
      return { serving, replicas, loadFraction, fractions };
    })
    .sort((a, b) => compareText(a.serving.profile.name, b.serving.profile.name));
  // Without a load any variant may stand by, also one that cannot serve some size: nothing is sent to it.
  const arriving = demand.plannedRate === 0 ? [] : requestSizes;
  const routing = arriving.flatMap(({ inputTokens, outputTokens }, size) =>
    parts
      .filter(({ fractions }) => fractions[size] > 0)
      .map(({ serving, fractions }) => ({
        inputTokens,
        outputTokens,
        variant: serving.profile.name,
        fraction: fractions[size],
      })),
  );
  return { parts, servedFraction: serviceOf(demand, mix), routing };
}

/** A replica that gets some sizes only, and not alike: its rate is that for just these. */
function servingOf(
  { resolved }: ServerDemand,
  serving: Serving,
  received: readonly {
    inputTokens: number;
    outputTokens: number;
    cachedInputTokens: number;
    share: number;
  }[],
  loadFraction: number,
  sizer: Sizer,
): Serving {
  if (loadFraction === 0) return { ...serving, queue: null, ratePerReplica: null };
  const sizes = received.map((size) => ({ ...size, share: size.share / loadFraction }));
  const index = resolved.variants.indexOf(serving.profile);
  const queue = sizer.workload(resolved, sizes).queue(index, serving.maxBatchSize ?? 1);
  return { ...serving, queue, ratePerReplica: queue.maxRequestsPerSec };
}

/** What was given where it is one variant as a candidate; null: several, or a share of the sizes. */
export function aloneOf({ candidates }: ServerDemand, { parts }: Given): GivenAlone | null {
  const [{ serving, replicas }] = parts;
  const candidate = parts.length === 1 ? candidates.find((one) => one === serving) : undefined;
  return candidate ? { candidate, replicas } : null;
}
