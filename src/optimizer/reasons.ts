import type { Targets } from '../schemas/fleet.ts';
import type { ReasonCode } from '../schemas/plan-codes.ts';
import type { ServerPlan, Shortfall } from '../schemas/server-plan.ts';
import {
  minReplicasOf,
  needsNothing,
  type ServerCandidate,
  type ServerDemand,
  wholeReplicas,
} from './demand.ts';
import { aloneOf, type Given, type GivenAlone } from './given.ts';
import { shown } from './shown.ts';
import { latencyName } from './target-text.ts';

/** What engines see as the same. */
const SAME_SERVICE = 1e-5;

const BINDING_REASONS = {
  ttftMs: 'ttft-bound',
  itlMs: 'itl-bound',
  e2eMs: 'e2e-bound',
  minTokensPerSec: 'tokens-bound',
  stability: 'stability-bound',
} as const satisfies Record<NonNullable<ServerCandidate['binding']>, ReasonCode>;

/** Why a server gets what it gets: the code says what sets the number of replicas, the text also why this variant. */
export function reasonOf(demand: ServerDemand, given: Given | null): ServerPlan['reason'] {
  if (demand.unknown) {
    return { code: demand.unknown, text: `${unknownText(demand)}: what runs is kept.` };
  }
  if (!given) {
    return needsNothing(demand.resolved, demand.plannedRate)
      ? { code: 'no-load', text: 'There is no load and minReplicas is 0: nothing is needed.' }
      : { code: 'nothing-allocated', text: shortfallOf(demand, null).text };
  }
  const alone = aloneOf(demand, given);
  if (!alone) return mixReason(demand, given);
  const { code, text } = replicasReason(demand, alone);
  return { code, text: `${text} ${choiceText(demand, alone)}` };
}

function mixReason({ plannedRate, candidates }: ServerDemand, given: Given): ServerPlan['reason'] {
  const parts = given.parts.map(({ serving, replicas }) => {
    const rate = serving.ratePerReplica === null ? '' : ` (${shown(serving.ratePerReplica)} requests/s each)`;
    return `${replicas} ${serving.profile.name}${rate}`;
  });
  const together = `${parts.slice(0, -1).join(', ')} and ${parts[parts.length - 1]}`;
  if (given.servedFraction < 1) {
    const text = `${together} serve ${shown(100 * given.servedFraction)} % of what is needed; the cards left hold no more.`;
    return { code: 'cards-short', text };
  }
  const [best] = candidates;
  if (!best)
    return {
      code: 'mixed',
      text: `${together} share ${shown(plannedRate!)} requests/s. No variant alone can serve all request sizes.`,
    };
  const cost = given.parts.reduce(
    (sum, { serving, replicas }) => sum + replicas * serving.profile.costPerReplicaHour,
    0,
  );
  const alone =
    best.costPerHour < cost
      ? `${best.variant} alone would be better, but its cards are short.`
      : `${best.variant} alone would cost ${shown(best.costPerHour - cost)} per hour more.`;
  return { code: 'mixed', text: `${together} share ${shown(plannedRate!)} requests/s. ${alone}` };
}

function replicasReason(
  demand: ServerDemand,
  { candidate, replicas }: GivenAlone,
): { code: ReasonCode; text: string } {
  const { resolved, plannedRate } = demand;
  const minReplicas = minReplicasOf(resolved);
  if (candidate.binding === null) {
    return {
      code: 'no-load',
      text: `There is no load: minReplicas asks for ${count(minReplicas, 'replica')}.`,
    };
  }
  const rate = candidate.ratePerReplica!;
  const spare = resolved.server.spareReplicas ?? 0;
  const extra = spare > 0 ? `, ${spare} of them spare` : '';
  const surely = candidate.sizedWith ? ' at the confidence asked for' : '';
  const allows = `${limitText(candidate.binding, resolved.targets)} allows ${shown(rate)} requests/s per replica${surely}`;
  const required = `${shown(plannedRate!)} need ${count(candidate.requiredReplicas, 'replica')}${extra}`;
  if (replicas < candidate.replicas) {
    return { code: 'cards-short', text: `${allows}: ${required}, the cards left hold ${replicas}.` };
  }
  if (candidate.replicas < candidate.requiredReplicas) {
    return {
      code: 'max-replicas',
      text: `${allows}: ${required}, maxReplicas is ${resolved.server.maxReplicas}.`,
    };
  }
  if (wholeReplicas(plannedRate! / rate) < minReplicas) {
    return {
      code: 'min-replicas',
      text: `${allows}: ${shown(plannedRate!)} need fewer than minReplicas, ${minReplicas}${spare > 0 ? `; ${spare} spare come on top` : ''}.`,
    };
  }
  const code = plannedRate! <= rate && minReplicas <= 1 ? 'one-replica' : BINDING_REASONS[candidate.binding];
  return { code, text: `${allows}: ${required}.` };
}

function limitText(binding: NonNullable<ServerCandidate['binding']>, targets: Targets): string {
  if (binding === 'minTokensPerSec') return `The token rate of ${shown(targets.minTokensPerSec!)} tokens/s`;
  if (binding === 'stability') return 'The highest stable rate';
  const target = binding === 'e2eMs' ? 'end-to-end' : latencyName(binding, targets);
  return `The ${target} target of ${shown(targets[binding]!)} ms`;
}

function choiceText({ candidates, running }: ServerDemand, { candidate }: GivenAlone): string {
  const [best] = candidates;
  const variants = new Set(candidates.map(({ variant }) => variant)).size;
  const isOwn = ({ variant }: ServerCandidate) => variant === candidate.variant;
  const named = (other: ServerCandidate) =>
    isOwn(other) ? `${other.variant} with batch limit ${other.maxBatchSize}` : other.variant;
  if (candidate !== best) return `${named(best)} would be better, but its cards are short.`;
  const cheapest = candidates.reduce((least, other) =>
    other.costPerHour < least.costPerHour ? other : least,
  );
  if (cheapest.costPerHour >= candidate.costPerHour) {
    return variants === 1 ? 'No other variant is possible.' : `The cheapest of ${variants} variants.`;
  }
  const saving = shown(candidate.costPerHour - cheapest.costPerHour);
  if (
    cheapest.replicas / cheapest.requiredReplicas >= candidate.replicas / candidate.requiredReplicas &&
    candidate.weighedPerReplica + cheapest.weighedPerReplica > 0
  ) {
    return `${named(cheapest)} would cost ${saving} per hour less, but the objective weighs power and slack as well.`;
  }
  if (!running.some(({ variant }) => variant === candidate.variant)) {
    return `${named(cheapest)} would cost ${saving} per hour less, but serve less.`;
  }
  return isOwn(cheapest)
    ? `It runs so; batch limit ${cheapest.maxBatchSize} would save ${saving} per hour, less than the restart is priced at.`
    : `It runs there; moving to ${cheapest.variant} would save ${saving} per hour, less than the move is priced at.`;
}

/** What a server lacks, and why. */
export function shortfallOf(demand: ServerDemand, given: Given | null): Shortfall {
  const { resolved, candidates, excluded } = demand;
  if (demand.unknown) {
    const text = `${unknownText(demand)} and fewer than minReplicas (${minReplicasOf(resolved)}) run; nothing is started until that is known.`;
    return { code: demand.unknown, text, missing: null };
  }
  const alone = given && aloneOf(demand, given);
  const candidate = alone?.candidate ?? candidates[0];
  if (candidate) {
    const { replicas: allowed, requiredReplicas, variant } = candidate;
    const held = alone?.replicas ?? (given?.servedFraction ?? 0) * requiredReplicas;
    const limit = `${count(requiredReplicas, 'replica')} needed, maxReplicas allows ${allowed}.`;
    // More cards would be of use only as far as maxReplicas goes.
    const lacks = missing(candidate, allowed - held);
    if (lacks.replicas < 1) {
      return { code: 'max-replicas', text: limit, missing: missing(candidate, requiredReplicas - held) };
    }
    const variants = new Set(candidates.map((one) => one.variant)).size;
    const others = variants > 1 && !given ? ` No other of its ${variants} variants fits either.` : '';
    const text = `${count(lacks.replicas, 'replica')} of ${variant} missing: ${count(lacks.cards, 'card')} of type ${lacks.cardType} short.${others}`;
    return {
      code: 'no-capacity',
      text: allowed < requiredReplicas ? `${text} ${limit}` : text,
      missing: lacks,
    };
  }
  if (given && given.servedFraction < demand.mixing!.servableShare - SAME_SERVICE) {
    const text = `${shown(100 * (1 - given.servedFraction))} % of the requests are not served: the cards left hold no more.`;
    return { code: 'no-capacity', text, missing: null };
  }
  if (resolved.variants.length === 0) {
    return { code: 'no-profile', text: `Model ${resolved.server.model} has no profile.`, missing: null };
  }
  const code = EXCLUDING.find((candidate) => excluded.some((exclusion) => exclusion.code === candidate))!;
  const together =
    !given && demand.mixing
      ? ' Several variants together could serve it (solver mixed), if their cards are left.'
      : '';
  const text =
    code === 'model-unknown'
      ? `${modelUnknownText(demand)}.`
      : excluded.map((exclusion) => `${exclusion.variant}: ${exclusion.text}`).join(' ') + together;
  return { code, text, missing: null };
}

/** Of several reasons why no variant is a candidate, the one that stands for the server: what it asks of them, first. */
const EXCLUDING = [
  'targets-unreachable',
  'request-too-large',
  'node-too-small',
  'size-unmeasured',
  'model-unknown',
  'pinned-elsewhere',
] as const;

function unknownText(demand: ServerDemand): string {
  return demand.unknown === 'load-unknown' ? 'The load is unknown' : modelUnknownText(demand);
}

function modelUnknownText({ resolved }: ServerDemand): string {
  return `No variant of ${resolved.server.model} that may serve has what the queue model works with`;
}

/** @param lacking replicas; what several variants make up of them need not be whole */
function missing(candidate: ServerCandidate, lacking: number): NonNullable<Shortfall['missing']> {
  const replicas = Math.ceil(lacking - 1e-9);
  return {
    variant: candidate.variant,
    replicas,
    cardType: candidate.profile.accelerator.type,
    cards: replicas * candidate.profile.cardsPerReplica,
  };
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
