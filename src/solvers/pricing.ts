import { type Aim, costOf, leastHeld, takesPart } from './aim.ts';
import type { Choice, Choices } from './choices.ts';
import type { Prices } from './level-program.ts';
import type { Problem } from './solver.ts';

/** By how much (relative) sums of costs may be rounded. */
const ROUNDING = 1e-9;

/** What each choice comes to at prices of the limits and of the service held. */
export interface Pricing {
  /** No plan costs less, over giving nothing (the dual function of Lagrange: true at any prices). */
  readonly bound: number;
  /** The choices without those that no plan of at most this cost can have. */
  narrowed(cost: number): Choices[];
}

/** A choice at prices: a line over its replicas. */
interface Line {
  readonly choice: Choice;
  readonly once: number;
  readonly perReplica: number;
}

export function pricing(problem: Problem, choices: readonly Choices[], aim: Aim, prices: Prices): Pricing {
  let bound = 0;
  for (const [limit, price] of prices.limits.entries()) if (price > 0) bound -= price * problem.limits[limit];
  for (const [priority, price] of prices.held) bound += price * leastHeld(aim.held.get(priority)!);
  const lines = problem.servers.map((demand, server) =>
    choices[server].list.map((choice): Line => {
      const candidate = demand.candidates[choice.candidate];
      const { once, perReplica } = costOf(aim, demand, choice);
      const held = (prices.held.get(demand.priority) ?? 0) / candidate.requiredReplicas;
      const cards = candidate.uses.reduce(
        (sum, { limit, perReplica: taken }) => sum + taken * prices.limits[limit],
        0,
      );
      return { choice, once, perReplica: perReplica + cards - held };
    }),
  );
  const least = problem.servers.map((demand, server) => {
    if (!takesPart(demand, aim)) return 0;
    const { mayHaveNothing } = choices[server];
    const best = lines[server].reduce(
      (lowest, line) => Math.min(lowest, lowestOf(line)),
      mayHaveNothing ? 0 : Infinity,
    );
    bound += best;
    return best;
  });
  return {
    bound,
    narrowed: (cost) => {
      const spare = cost - bound + ROUNDING * Math.max(1, Math.abs(cost));
      return problem.servers.map((demand, server) => {
        const { mayHaveNothing, list } = choices[server];
        if (!takesPart(demand, aim) || list.length === 0) return choices[server];
        const most = least[server] + spare;
        return {
          mayHaveNothing: mayHaveNothing && most >= 0,
          list: lines[server].flatMap((line) => shortened(line, most)),
        };
      });
    },
  };
}

function lowestOf({ choice: { least, most }, once, perReplica }: Line): number {
  return once + perReplica * (perReplica < 0 ? most : least);
}

/** The choice with those of its replicas that come to at most this. */
function shortened({ choice, once, perReplica }: Line, cost: number): Choice[] {
  let { least, most } = choice;
  const replicas = (cost - once) / perReplica;
  if (perReplica < 0) least = Math.max(least, Math.ceil(replicas - ROUNDING));
  else if (perReplica > 0) most = Math.min(most, Math.floor(replicas + ROUNDING));
  else if (once > cost) return [];
  return least <= most ? [{ ...choice, least, most }] : [];
}
