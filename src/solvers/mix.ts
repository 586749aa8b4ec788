import type { Assignment, Mix, Mixing, MixPart, Part, Staying } from './solver.ts';

/** By how much (relative) shares that an engine decided may be too large. */
const TOLERANCE = 1e-6;

/** By how much (relative) replicas may carry less than the load. */
const ROUNDING = 1e-9;

/** What a mix serves at most that does not carry all, or has not all the replicas that it must: less than all, as engines see it. */
export const LESS_THAN_ALL = 1 - 1e-4;

export function isMix(given: Assignment | Mix): given is Mix {
  return 'parts' in given;
}

/** Parts as an answer has them: one variant alone is its candidate; of one size each part carries in proportion to what it can. */
export function mixOf(mixing: Mixing, parts: readonly MixPart[], carriesAll: boolean): Assignment | Mix {
  const [first] = parts;
  const alone = parts.length === 1 ? mixing.parts[first.part] : null;
  // In part, several sizes: which of them it serves is a decision, and a candidate has no say in that.
  if (alone && alone.candidate !== null && (carriesAll || mixing.sizes.length === 1)) {
    return { candidate: alone.candidate, replicas: Math.min(first.replicas, alone.requiredReplicas) };
  }
  if (mixing.sizes.length > 1) {
    if (carriesAll) return { parts, servedFraction: 1 };
    const filled = filledUp(mixing, parts);
    const served = sum(filled.map(({ shares }) => dot(shares, mixing.sizes)));
    return { parts: filled, servedFraction: Math.min(LESS_THAN_ALL, served) };
  }
  const able = parts.map(({ part, replicas }) => replicas / (mixing.parts[part].loads[0] || 1));
  const all = sum(able);
  const balanced = parts.map((part, i) => ({ ...part, shares: [able[i] / all] }));
  const whole = { parts: balanced, servedFraction: 1 };
  if (isSoundMix(mixing, whole)) return whole;
  const served = sum(parts.map(({ part, replicas }) => replicas / mixing.parts[part].requiredReplicas));
  return { parts: balanced, servedFraction: Math.min(LESS_THAN_ALL, served) };
}

/** The same in part, with what an engine's tolerance leaves idle put to use: first for the sizes that serve most. */
function filledUp({ sizes, parts }: Mixing, held: readonly MixPart[]): MixPart[] {
  const left = sizes.map((_, size) => 1 - sum(held.map(({ shares }) => shares[size])));
  return held.map((one) => {
    const part = parts[one.part];
    const loads = part.loads.map((load) => load * countedAs(part));
    const shares = [...one.shares];
    let idle = one.replicas - dot(shares, loads);
    const order = [...sizes.keys()].sort((a, b) => sizes[b] / loads[b] - sizes[a] / loads[a]);
    for (const size of order) {
      const more = Math.min(left[size], idle / loads[size]);
      if (more < ROUNDING) continue;
      shares[size] += more;
      left[size] -= more;
      idle -= more * loads[size];
    }
    return { ...one, shares };
  });
}

/** What a part's load counts as where not all is served: so that `requiredReplicas` carry just what it can serve. */
export function countedAs({ loads, requiredReplicas }: Part): number {
  const servable = loads.reduce((sum, load) => (Number.isFinite(load) ? sum + load : sum), 0);
  return servable > 0 ? requiredReplicas / servable : 1;
}

/** Whether a mix keeps its word: within the limits of the server, and all carried where it says so. */
export function isSoundMix(mixing: Mixing, { parts, servedFraction }: Mix): boolean {
  const replicas = sum(parts.map((part) => part.replicas));
  if (replicas > mixing.maxReplicas || !isEachOnce(parts.map(({ part }) => mixing.parts[part]))) return false;
  if (servedFraction < 1) return true;
  const arrives = mixing.sizes.every(
    (_, size) => Math.abs(sum(parts.map(({ shares }) => shares[size])) - 1) < TOLERANCE,
  );
  const spare = sparesOf(mixing, parts);
  return (
    arrives &&
    replicas >= mixing.minReplicas + mixing.spareReplicas &&
    sum(spare) >= mixing.spareReplicas &&
    carry(mixing, parts, spare)
  );
}

/** Whether parts have exactly the replicas that run. */
export function isStaying(
  { replicas }: Staying,
  held: readonly Pick<MixPart, 'part' | 'replicas'>[],
): boolean {
  const running = replicas.reduce((count, ofPart) => (ofPart > 0 ? count + 1 : count), 0);
  return held.length === running && held.every(({ part, replicas: given }) => given === replicas[part]);
}

/** Whether no two parts are the same variant. */
export function isEachOnce(parts: readonly Part[]): boolean {
  return parts.every(({ variant }, i) => parts.findIndex((other) => other.variant === variant) === i);
}

/** Which replicas are the spare ones: of one size those that carry least; else those that the shares leave idle. */
export function sparesOf(mixing: Mixing, parts: readonly MixPart[]): number[] {
  const spare = parts.map(() => 0);
  let left = mixing.spareReplicas;
  const loadOf = (i: number) => mixing.parts[parts[i].part].loads[0];
  const order = parts.map((_, i) => i);
  if (mixing.sizes.length === 1) order.sort((a, b) => loadOf(b) - loadOf(a));
  for (const i of order) {
    const { part, replicas, shares } = parts[i];
    const idle =
      mixing.sizes.length === 1 ? replicas : replicas - dot(shares, mixing.parts[part].loads) + TOLERANCE;
    spare[i] = Math.min(left, Math.max(0, Math.floor(idle)));
    left -= spare[i];
  }
  return spare;
}

/** Whether the replicas without the spare ones carry all of the load. */
function carry({ sizes, parts }: Mixing, held: readonly MixPart[], spare: readonly number[]): boolean {
  if (sizes.length > 1) {
    return held.every(({ part, replicas, shares }, i) => {
      const carried = dot(shares, parts[part].loads);
      return carried <= replicas - spare[i] + TOLERANCE * Math.max(1, carried);
    });
  }
  const carried = held.map(({ part, replicas }, i) => {
    const working = replicas - spare[i];
    return working === 0 ? 0 : working / parts[part].loads[0];
  });
  return sum(carried) >= 1 - ROUNDING;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Σ a · b; what is 0 in a counts for nothing, whatever b is. */
function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((total, value, i) => (value === 0 ? total : total + value * b[i]), 0);
}
