import { normalQuantile, roughNormalQuantile } from './normal-quantile.ts';
import { normalDensity, normalTailFrom } from './normal-tail.ts';

/** A gamma distribution moved up by `least`, by its first two moments. */
export interface ShiftedGamma {
  least: number;
  mean: number;
  variance: number;
}

/** Less spread than this (relative, squared) is none. */
const LEAST_SPREAD = 1e-12;

/** So many standard deviations from its centre a normal variable is not met. */
const FAR = 8;

/** The search ends at a step of less than this (relative): the next would be its cube. */
const LAST_STEP = 3e-6;

/** … or at one of less than this, where the next would leave less of the logarithm of the tail, if it shrinks again as it did. */
const SHORT_STEP = 3e-4;
const LEAST_LEFT = 1e-12;

/** The bend makes a step no longer than three times Newton's, and no shorter than half. */
const BENT = { least: 1 / 3, most: 2 };

/** The bracket of a quantile need not get narrower (relative). */
const TOLERANCE = 1e-10;

/** Steps before halving takes over, and before what is found by then will do: about zero nothing is narrow enough. */
const STEPS = 12;
const MOST_STEPS = 100;

/** (X - least)/scale, or the cube root of that, is normal. */
interface Part {
  share: number;
  isCubed: boolean;
  least: number;
  scale: number;
  /** 1/scale */
  perScale: number;
  centre: number;
  width: number;
  /** 1/width; Infinity: X is at its centre. */
  perWidth: number;
}

/**
 * A mixture of normal and shifted gamma variables. The cube root of a gamma variable is all but normal: its tail is within 0.01 for shapes
 * from 1 on. (E. B. Wilson and M. M. Hilferty, Proceedings of the National Academy of Sciences 17, 1931)
 * A scratch object, which its owner clears and fills anew.
 */
export class Mixture {
  readonly #parts: readonly Part[];
  #count = 0;
  /** The share last asked for, and the normal quantile of it. */
  #share = Number.NaN;
  #z = Number.NaN;
  /** At the x last looked at: the density, and how fast it falls. */
  #density = Number.NaN;
  #fall = Number.NaN;

  /** @param most parts that it takes */
  constructor(most: number) {
    const nan = Number.NaN;
    this.#parts = Array.from({ length: most }, () => {
      return {
        share: nan,
        isCubed: false,
        least: nan,
        scale: nan,
        perScale: nan,
        centre: nan,
        width: nan,
        perWidth: nan,
      };
    });
  }

  clear(): void {
    this.#count = 0;
  }

  addNormal(share: number, mean: number, deviation: number): void {
    this.#add(share, false, mean, deviation, 0, 1);
  }

  addGamma(share: number, { least, mean, variance }: ShiftedGamma): void {
    const above = mean - least;
    const ninth = variance / (9 * above * above);
    if (above > 0 && 9 * ninth > LEAST_SPREAD)
      this.#add(share, true, least, above, 1 - ninth, Math.sqrt(ninth));
    else this.#add(share, false, mean, 1, 0, 0);
  }

  #add(share: number, isCubed: boolean, least: number, scale: number, centre: number, width: number): void {
    if (!(share > 0)) return;
    const part = this.#parts[this.#count++];
    part.share = share;
    part.isCubed = isCubed;
    part.least = least;
    part.scale = scale;
    part.perScale = 1 / scale;
    part.centre = centre;
    part.width = width;
    part.perWidth = 1 / width;
  }

  /** What a share `p` does not exceed, by Halley's method for the logarithm of the tail. */
  quantile(p: number): number {
    if (this.#count === 0) return Number.NaN;
    if (p !== this.#share) {
      this.#share = p;
      this.#z = normalQuantile(p);
    }
    const z = this.#z;
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    let alone = 0;
    let most = 0;
    for (let i = 0; i < this.#count; i++) {
      const part = this.#parts[i];
      const own = quantileOf(part, z);
      low = Math.min(low, own);
      high = Math.max(high, own);
      // It is no less than where one part leaves what all may.
      const share = (1 - p) / part.share;
      const least = share < 1 ? quantileOf(part, roughNormalQuantile(share)) : 0;
      if (least > most) {
        most = least;
        alone = i;
      }
    }
    const part = this.#parts[alone];
    if (most > 0) low = Math.max(low, quantileOf(part, normalQuantile(1 - (1 - p) / part.share)));
    const wanted = Math.log1p(-p);
    let x = low;
    let before = Number.NaN;
    for (let i = 0; i < MOST_STEPS && high - low > TOLERANCE * Math.abs(high); i++) {
      const tail = this.tail(x, true);
      const off = Math.log(tail) - wanted;
      const hazard = this.#density / tail;
      const bent = 1 + (off / 2) * (1 - this.#fall / (tail * hazard * hazard));
      const step = off / hazard / Math.min(BENT.most, Math.max(BENT.least, bent));
      const shrunk = off / before;
      const left = Math.abs(off * shrunk * shrunk * shrunk);
      if (Math.abs(step) <= (left <= LEAST_LEFT ? SHORT_STEP : LAST_STEP) * Math.abs(x))
        return Math.min(high, Math.max(low, x + step));
      before = off;
      if (off > 0) low = x;
      else high = x;
      x += step;
      if (!(i < STEPS && x > low && x < high)) x = (low + high) / 2;
    }
    return high;
  }

  /** The share that exceeds x; with slopes, the density and its fall too. */
  tail(x: number, withSlopes = false): number {
    let tail = 0;
    let density = 0;
    let fall = 0;
    for (let i = 0; i < this.#count; i++) {
      const { share, isCubed, least, perScale, centre, perWidth } = this.#parts[i];
      const ratio = (x - least) * perScale;
      const root = isCubed ? Math.cbrt(ratio) : ratio;
      const z = isCubed && ratio <= 0 ? -FAR : (root - centre) * perWidth;
      if (Math.abs(z) < FAR) {
        const normal = normalDensity(z);
        tail += share * normalTailFrom(z, normal);
        if (!withSlopes) continue;
        // z' and -z''/z', cubed: of a root whose derivative is root/(3·ratio).
        const third = isCubed ? perScale / (3 * ratio) : 0;
        const slope = (isCubed ? root * third : perScale) * perWidth;
        const own = share * normal * slope;
        density += own;
        fall += own * (z * slope + 2 * third);
      } else if (!(z > 0)) tail += share;
    }
    this.#density = density;
    this.#fall = fall;
    return tail;
  }
}

function quantileOf({ isCubed, least, scale, centre, width }: Part, z: number): number {
  const normal = centre + z * width;
  if (!isCubed) return least + scale * normal;
  return normal > 0 ? least + scale * normal * normal * normal : least;
}
