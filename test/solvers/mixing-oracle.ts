import { isMix } from '../../src/solvers/mix.ts';
import type { Demand, Mixing, Problem } from '../../src/solvers/solver.ts';
import { maximum, type Row } from './linear-program.ts';
import { type Given, valueAlone } from './problems.ts';

/** What a plan is worth: the service of each priority, the highest first, then its value, less of which is better. */
export type Worth = readonly number[];

/** One way to serve a server: what it takes of each limit, serves and is worth. */
interface Option {
  readonly takes: readonly number[];
  readonly served: number;
  readonly value: number;
}

/** Above 0: a is worth more. Service that is no farther apart than engines see counts as equal. */
export function compare(a: Worth, b: Worth): number {
  return a.map((x, i) => x - b[i]).find((x) => Math.abs(x) > 2e-5) ?? 0;
}

/** Every choice of replicas of every part, and none. */
function optionsOf({ candidates, valueOfNothing, mixing }: Demand, limits: number): Option[] {
  const nothing = { takes: new Array(limits).fill(0), served: 0, value: valueOfNothing };
  if (!mixing) {
    const alone = candidates.flatMap((candidate) =>
      Array.from({ length: candidate.replicas }, (_, i) => ({
        takes: nothing.takes.map(
          (_, limit) => (i + 1) * (candidate.uses.find((use) => use.limit === limit)?.perReplica ?? 0),
        ),
        served: Math.min(1, (i + 1) / candidate.requiredReplicas),
        value: valueAlone(candidate, i + 1),
      })),
    );
    return [nothing, ...alone];
  }
  const { parts, maxReplicas, servableShare } = mixing;
  const options: Option[] = [];
  const descend = (held: readonly number[]): void => {
    if (held.length < parts.length) {
      for (let r = 0; r <= parts[held.length].requiredReplicas; r++) descend([...held, r]);
      return;
    }
    const all = held.reduce((sum, r) => sum + r, 0);
    if (all === 0 || all > maxReplicas) return;
    const variants = parts.filter((_, i) => held[i] > 0).map(({ variant }) => variant);
    if (new Set(variants).size < variants.length) return;
    const isAll = carriesAll(mixing, held);
    options.push({
      takes: nothing.takes.map((_, limit) =>
        held.reduce(
          (sum, r, i) => sum + r * (parts[i].uses.find((use) => use.limit === limit)?.perReplica ?? 0),
          0,
        ),
      ),
      served: servableShare * (isAll ? 1 : Math.min(1 - 1e-4, servedInPart(mixing, held))),
      value: held.reduce(
        (sum, r, i) => sum + r * parts[i].valuePerReplica + (r > 0 ? parts[i].valueOfKeeping : 0),
        valueOfNothing + asItRuns(mixing, held),
      ),
    });
  };
  descend([]);
  return [nothing, ...options];
}

/** What so many replicas of each part are worth more because they are what runs. */
function asItRuns({ staying }: Mixing, held: readonly number[]): number {
  return staying && String(staying.replicas) === String(held) ? staying.difference : 0;
}

/** Whether so many replicas of each part carry all, whichever of them are the spare ones. */
function carriesAll(mixing: Mixing, held: readonly number[]): boolean {
  const { parts, sizes, minReplicas, spareReplicas } = mixing;
  if (held.reduce((sum, r) => sum + r, 0) < minReplicas + spareReplicas) return false;
  if (spareReplicas > 0) {
    return held.some(
      (r, i) =>
        r > 0 &&
        carriesAll(
          { ...mixing, minReplicas, spareReplicas: spareReplicas - 1 },
          held.map((other, j) => (j === i ? other - 1 : other)),
        ),
    );
  }
  if (sizes.length === 1) {
    return parts[0].loads[0] === 0 || held.reduce((sum, r, i) => sum + r / parts[i].loads[0], 0) >= 1 - 1e-9;
  }
  // Of all shares that fit, the most.
  const most = mostShares(
    mixing,
    held,
    () => 1,
    () => 1,
  );
  return most >= sizes.length - 1e-7;
}

function servedInPart(mixing: Mixing, held: readonly number[]): number {
  const { parts, sizes } = mixing;
  if (sizes.length === 1) return held.reduce((sum, r, i) => sum + r / parts[i].requiredReplicas, 0);
  const countedAs = (i: number) =>
    parts[i].requiredReplicas / parts[i].loads.filter(Number.isFinite).reduce((sum, load) => sum + load, 0);
  return mostShares(mixing, held, countedAs, (size) => sizes[size]);
}

/** The most of Σ weight · share, by trying all corners of what fits. */
function mostShares(
  { parts, sizes }: Mixing,
  held: readonly number[],
  countedAs: (part: number) => number,
  weight: (size: number) => number,
): number {
  const flows = parts.flatMap(({ loads }, part) =>
    sizes.flatMap((_, size) =>
      held[part] > 0 && Number.isFinite(loads[size])
        ? [{ part, size, load: loads[size] * countedAs(part) }]
        : [],
    ),
  );
  const rows: Row[] = [
    ...parts.map((_, part) => ({
      coefficients: flows.map((flow) => (flow.part === part ? flow.load : 0)),
      most: held[part],
    })),
    ...sizes.map((_, size) => ({ coefficients: flows.map((flow) => (flow.size === size ? 1 : 0)), most: 1 })),
    ...flows.map((_, i) => ({ coefficients: flows.map((_, j) => (i === j ? -1 : 0)), most: 0 })),
  ];
  return maximum(
    flows.map(({ size }) => weight(size)),
    rows,
  );
}

/** The best of all plans. */
export function bruteForce({ servers, limits }: Problem): Worth {
  const priorities = [...new Set(servers.map(({ priority }) => priority))].sort((a, b) => a - b);
  const options = servers.map((demand) => optionsOf(demand, limits.length));
  let best: Worth | null = null;
  const descend = (
    server: number,
    left: readonly number[],
    served: readonly number[],
    value: number,
  ): void => {
    if (server === servers.length) {
      const worth = [...served, -value];
      if (!best || compare(worth, best) > 0) best = worth;
      return;
    }
    const priority = priorities.indexOf(servers[server].priority);
    const isAsking = servers[server].candidates.length > 0 || servers[server].mixing;
    for (const option of isAsking ? options[server] : [{ ...options[server][0], value: 0 }]) {
      if (option.takes.some((cards, limit) => cards > left[limit])) continue;
      descend(
        server + 1,
        left.map((cards, limit) => cards - option.takes[limit]),
        served.map((sum, i) => (i === priority ? sum + option.served : sum)),
        value + option.value,
      );
    }
  };
  descend(
    0,
    limits,
    priorities.map(() => 0),
    0,
  );
  return best!;
}

export function worthOf({ servers }: Problem, assignments: readonly Given[]): Worth {
  const priorities = [...new Set(servers.map(({ priority }) => priority))].sort((a, b) => a - b);
  const served = priorities.map(() => 0);
  let value = 0;
  for (const [i, { priority, candidates, mixing, valueOfNothing }] of servers.entries()) {
    const given = assignments[i];
    if (!given) {
      if (candidates.length > 0 || mixing) value += valueOfNothing;
      continue;
    }
    const at = priorities.indexOf(priority);
    if (isMix(given)) {
      served[at] += given.servedFraction * mixing!.servableShare;
      value += valueOfNothing;
      const held = mixing!.parts.map(() => 0);
      for (const { part, replicas } of given.parts) {
        value += replicas * mixing!.parts[part].valuePerReplica + mixing!.parts[part].valueOfKeeping;
        held[part] = replicas;
      }
      value += asItRuns(mixing!, held);
    } else {
      const candidate = candidates[given.candidate];
      served[at] += Math.min(1, given.replicas / candidate.requiredReplicas);
      value += valueAlone(candidate, given.replicas);
    }
  }
  return [...served, -value];
}
