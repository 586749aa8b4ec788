// Prompts that queue for the token budget of an iteration, first come, first served. As long as prompts wait every iteration is filled up:
// a server whose service time is a prompt's share of such iterations.

/** The queue is at most as long as at this load; beyond, the places of the batch limit it. */
const MOST_LOAD = 0.99;

/** e^-x of more than this is nothing, and not worth the time. */
const NOTHING = 10;

/**
 * g: what the token budget takes of the variance of what an iteration prefills. With V' = V - D + a, D = min(V, room) what it prefills and a
 * what comes meanwhile, the squares balance if Var D = (1 - g)·Var a and g of the queue of M/G/1 is left over. Few requests that split into
 * chunks of which all but the last fill it have g = r/(e^r - 1), r = room, exactly where lengths are exponential; near saturation every
 * iteration is filled, g = 1. Between the two by logarithms.
 *
 * @param room prompts that fill the token budget
 * @param load ρ: prompts that come in a filled iteration over those that fill it
 * @param lengthCv2 squared coefficient of variation of the prompts
 */
export function evenedOut(room: number, load: number, lengthCv2: number): number {
  const r = (2 * room) / (1 + lengthCv2);
  const free = 1 - Math.min(load, MOST_LOAD);
  if (r < NOTHING) return Math.exp(free * (Math.log(r / -Math.expm1(-r)) - r));
  // ln r is below r/4.
  return free * r < (4 / 3) * NOTHING ? Math.exp(free * (Math.log(r) - r)) : 0;
}

/** Prompts left over from the iteration that an arrival finds: g·λ·E[S²]/(2·(1 - ρ)) over S (Pollaczek, Khinchine). */
export function leftOver(evened: number, load: number, lengthCv2: number): number {
  const rho = Math.min(load, MOST_LOAD);
  return (evened * (1 + lengthCv2) * rho) / (2 * (1 - rho));
}

/**
 * Iterations from the first to the one that ends so many prompts: of exponential lengths E⌈x⌉ = 1/(1 - e^(-1/x)); of constant ones on
 * average half an iteration more than what they fill, but one where they fill less.
 *
 * @param filled x: token budgets that they take on average
 */
export function iterationsOf(filled: number, lengthCv2: number): number {
  const even = Math.max(1, filled + 1 / 2);
  if (lengthCv2 === 0 || filled * NOTHING < 1) return even;
  const varied = -1 / Math.expm1(-1 / filled);
  return even + Math.min(1, lengthCv2) * (varied - even);
}

/** Of Poisson arrivals, those that have room: E[min(S, room)], S exponential or nothing, by its first two moments. */
export function within(prompts: number, room: number, lengthCv2: number): number {
  const lengths = (2 * room) / (1 + lengthCv2 + prompts);
  return lengths < NOTHING ? -prompts * Math.expm1(-lengths) : prompts;
}
