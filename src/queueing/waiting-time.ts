import { poissonBelow, poissonBelowAt, poissonProbability, poissonRatio } from '../numerics/poisson-tail.ts';

// The waiting time of those who have to wait, where all servers are busy and work off μ requests per unit of time: who finds j waiting
// is served after an Erlang(j + 1, μ) time, and finds j with a probability that falls, or rises, like r^j, j = 0 … Q - 1, r = λ/μ. With
// x = μ·t and G(y) = P(Poisson(y) < Q) the mixture sums to
//   P(W > t | W > 0) = (e^(-(1-r)·x)·G(r·x) - r^Q·G(x)) / (1 - r^Q),   of density e^(-(1-r)·x)·G(r·x) / Σ r^j,
// and for unlimited room to e^(-(1-r)·x).

/** Below this |Q·ln r| both sides of the closed form all but cancel: a series in it serves. */
const NEARLY_EVEN = 1e-3;

/** So near what is wanted (both relative to the tail and to the rest) the next step of Newton's method leaves the square of it. */
const NEAR = 5e-5;

/** What the Taylor polynomial of the tail leaves out where the quantile is read off it (relative to the tail). */
const LEFT_OUT = 1e-10;

/** A scratch object: the tail and the density at x. */
const at = { tail: Number.NaN, density: Number.NaN };

/** Taylor coefficients of the tail around x, and the step along them. */
const TERMS = 7;
const terms = new Float64Array(TERMS);
const along = { step: Number.NaN, isNear: false };

/**
 * How long those wait that a share of all who wait outlasts, in mean service times 1/μ of the busy station.
 *
 * @param share of those who wait that wait longer, in (0, 1]
 * @param waitingRoom Q ≥ 1; Infinity only where r < 1
 * @param excess r - 1
 * @param logRatio ln r
 */
export function waitQuantile(share: number, waitingRoom: number, excess: number, logRatio: number): number {
  if (share >= 1) return 0;
  if (waitingRoom === Number.POSITIVE_INFINITY) return Math.log(share) / excess;
  const wanted = Math.log(share);
  let x = withoutSpread(share, waitingRoom, excess, logRatio);
  let low = 0;
  let high = Number.POSITIVE_INFINITY;
  // Newton's method for ln P(W > t), all but linear in t, and on from there along the Taylor polynomial; halving where that leaves the bracket.
  for (let i = 0; i < 60; i++) {
    tailAt(x, waitingRoom, excess, logRatio);
    const off = Math.log(at.tail) - wanted;
    if (off > 0) low = x;
    else high = x;
    const step = (off * at.tail) / at.density;
    if (Math.abs(off) <= NEAR * (1 - at.tail)) return x + step;
    stepAlong(share, step, x, waitingRoom, excess, logRatio);
    const next = x + along.step;
    if (along.isNear) return next;
    if (next > low && next < high) x = next;
    else x = high === Number.POSITIVE_INFINITY ? 2 * x + 1 : (low + high) / 2;
  }
  return x;
}

/**
 * The step that the Taylor polynomial of the tail around x has to where the tail is `share`. With the Poisson probability p(x) of Q - 1 and
 * K = r^Q/Σ r^j the tail has f'' = -(1-r)·f' + K·p, and x·p' = (Q - 1 - x)·p: no further sum is needed.
 *
 * @param first about the step
 */
function stepAlong(
  share: number,
  first: number,
  x: number,
  room: number,
  excess: number,
  logRatio: number,
): void {
  const u = room * logRatio;
  const weight = u === 0 ? 1 / room : excess / -Math.expm1(-u);
  terms[0] = at.tail - share;
  terms[1] = -at.density;
  let term = weight * poissonProbability(room - 1, x);
  let before = 0;
  for (let k = 0; k + 2 < TERMS; k++) {
    terms[k + 2] = (excess * (k + 1) * terms[k + 1] + term) / ((k + 2) * (k + 1));
    const after = ((room - 1 - x - k) * term - before) / (x * (k + 1));
    before = term;
    term = after;
  }
  let step = first;
  let off = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 4 && Math.abs(off) > LEFT_OUT * share; i++) {
    let slope = 0;
    off = 0;
    for (let k = TERMS - 1; k >= 0; k--) {
      slope = slope * step + off;
      off = off * step + terms[k];
    }
    step -= off / slope;
  }
  const last = terms[TERMS - 1] * (step * step * step) ** 2;
  along.step = step;
  along.isNear = Math.abs(off) + Math.abs(last) <= LEFT_OUT * share;
}

/** P(W > t | W > 0) at x = μ·t. */
export function waitTail(x: number, waitingRoom: number, excess: number, logRatio: number): number {
  if (waitingRoom === Number.POSITIVE_INFINITY) return Math.exp(excess * x);
  tailAt(x, waitingRoom, excess, logRatio);
  return at.tail;
}

/** As though every wait were as long as expected: exact where the room is never full, a start where it is. */
function withoutSpread(share: number, room: number, excess: number, logRatio: number): number {
  const u = room * logRatio;
  if (Math.abs(u) < NEARLY_EVEN) return room * (1 - share);
  if (u < 0) return Math.log(share + (1 - share) * Math.exp(u)) / excess;
  return room + Math.log(share * Math.exp(-u) + (1 - share)) / logRatio;
}

function tailAt(x: number, room: number, excess: number, logRatio: number): void {
  const u = room * logRatio;
  const below = poissonBelow(room, x);
  if (Math.abs(u) < NEARLY_EVEN) {
    nearlyEven(x, room, excess, u, below);
    return;
  }
  if (u < 0) {
    const last = Math.exp(u);
    const within = -Math.expm1(u);
    const open = Math.exp(excess * x) * poissonBelowAt(room, x, -excess * x, below);
    at.tail = (open - last * below) / within;
    at.density = (-excess * open) / within;
    return;
  }
  // Over its capacity: in units of r^Q.
  const within = -Math.expm1(-u);
  const y = (1 + excess) * x;
  const open =
    y >= room
      ? (poissonProbability(room - 1, x) * poissonRatio(room - 1, y)) / (1 + excess)
      : Math.exp(excess * x - u) * poissonBelow(room, y);
  at.tail = (below - open) / within;
  at.density = (excess * open) / within;
}

/**
 * The mixture is Σ P(Poisson(x) = i)·(e^(u·y) - e^u)/(1 - e^u) over i < Q, y = i/Q, u = Q·ln r; the quotient is
 * (1 - y)·(1 + u·y/2 + u²·y·(2y - 1)/12 + …), and what a Poisson variable below Q makes of powers of y follows from its factorial moments.
 */
function nearlyEven(x: number, room: number, excess: number, u: number, below: number): void {
  const last = poissonProbability(room - 1, x);
  const before = room > 1 ? poissonProbability(room - 2, x) : 0;
  const second = room > 2 ? poissonProbability(room - 3, x) : 0;
  const f1 = x * (below - last);
  const f2 = x * x * (below - last - before);
  const f3 = x * x * x * (below - last - before - second);
  const y1 = f1 / room;
  const y2 = (f2 + f1) / room / room;
  const y3 = (f3 + 3 * f2 + f1) / room / room / room;
  at.tail = below - y1 + (u / 2) * (y1 - y2) + ((u * u) / 12) * (3 * y2 - y1 - 2 * y3);
  // For the search alone: G(r·x) from G(x), to the second order in u.
  const apart = -excess * x;
  const open = below + apart * last * (1 - (apart / 2) * ((room - 1) / x - 1));
  at.density = (Math.exp(excess * x) * open) / (u === 0 ? room : Math.expm1(u) / excess);
}
