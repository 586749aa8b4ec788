import type { Belief, Sighting } from '../schemas/tune-state.ts';
import { type Expectation, PARAMETERS } from './expectation.ts';
import { fitWindow, OUTLIER, type WindowFit, writeMisfits } from './window-fit.ts';

/** Variance (natural logarithm) of a parameter that has moved. */
const MOVED_VARIANCE = 0.8;

/** What it costs to believe that all parameters moved rather than one: the likelihood that three of them absorb by chance. */
const ALL_MOVED = 8;

/** Fewer sightings are no evidence: two outliers may agree by chance. */
const LEAST_SIGHTINGS = 3;

/** Mean score, squared, times sightings: χ², 2 degrees of freedom, beyond which a movement is looked into (3 in 10,000). */
const SUSPICION = 16;

/** How much better (χ²) a movement must explain the sightings to be believed; and without the two that say so most. */
const LEAST_GAIN = 24;
const LEAST_GAIN_WITHOUT_TWO = 8;

/** A score, squared and summed, beyond this is gross: alone it says nothing, whatever came before. */
const GROSS = 50;
const ODD = 9;

/**
 * The parameters after they moved: most likely one of them, else all (each hypothesis a wider prior for what moved); the likeliest is taken.
 */
export function fitMoved(
  expectation: Expectation,
  sightings: readonly Sighting[],
  before: Belief,
  noiseFraction: number,
): WindowFit | null {
  let best: WindowFit | null = null;
  for (let moved = 0; moved <= PARAMETERS; moved++) {
    const isAll = moved === PARAMETERS;
    const covariance = [...before.covariance];
    for (let j = 0; j < PARAMETERS; j++) {
      if (isAll || j === moved) covariance[j * PARAMETERS + j] += MOVED_VARIANCE;
    }
    const fit = fitWindow(expectation, sightings, { mean: before.mean, covariance }, noiseFraction);
    if (!fit) continue;
    const cost = fit.cost + (isAll ? ALL_MOVED : 0);
    if (!best || cost < best.cost) best = { ...fit, cost };
  }
  return best;
}

/** What was found of a movement: since when, and what was believed before. */
export interface Movement {
  /** Index of the first sighting after it. */
  readonly from: number;
  readonly before: Belief;
}

/**
 * Looks for the newest sightings which say together that the parameters have moved: their scores add up instead of cancelling out, and
 * parameters that moved explain them far better. Outliers do not: few of them agree.
 */
export function findMovement(
  expectation: Expectation,
  sightings: readonly Sighting[],
  belief: Belief,
  noiseFraction: number,
): Movement | null {
  const [newest = 0, before = 0] = sightings.slice(-2).reverse().map(sizeOf);
  if (newest > GROSS && before < ODD) return null;
  const from = mostSuspicious(sightings);
  if (from === null) return null;
  const since = sightings.slice(from);
  const believed: Belief = { mean: since[0].before ?? belief.mean, covariance: belief.covariance };
  const fit = fitMoved(expectation, since, believed, noiseFraction);
  if (!fit) return null;
  const misfits = new Float64Array(since.length);
  writeMisfits(expectation, since, believed.mean, noiseFraction, misfits);
  const gains = [...misfits].map((misfit, i) => cut(misfit) - cut(fit.misfits[i])).sort((a, b) => b - a);
  const gain = gains.reduce((sum, value) => sum + value, 0);
  const isBelieved = gain > LEAST_GAIN && gain - gains[0] - gains[1] > LEAST_GAIN_WITHOUT_TWO;
  return isBelieved ? { from, before: believed } : null;
}

function sizeOf({ score }: Sighting): number {
  return score ? score[0] ** 2 + score[1] ** 2 : 0;
}

function cut(misfit: number): number {
  return misfit <= OUTLIER ? misfit : OUTLIER;
}

/** Where the mean of the scores since then is furthest from 0, for their number; null: nowhere far enough. */
function mostSuspicious(sightings: readonly Sighting[]): number | null {
  let ttft = 0;
  let itl = 0;
  let most = SUSPICION;
  let from: number | null = null;
  for (let i = sightings.length - 1; i >= 0; i--) {
    const { score } = sightings[i];
    if (!score) break;
    // One outlier must not hide the others, nor stand for them.
    ttft += Math.max(-6, Math.min(6, score[0]));
    itl += Math.max(-6, Math.min(6, score[1]));
    const count = sightings.length - i;
    const suspicion = (ttft * ttft + itl * itl) / count;
    if (count >= LEAST_SIGHTINGS && suspicion > most) {
      most = suspicion;
      from = i;
    }
  }
  return from;
}
