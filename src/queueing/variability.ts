import type { Station } from '../schemas/station.ts';

/** What coefficients of variation of gaps between arrivals (a) and of output lengths (s) come to. */
export interface Variability {
  /**
   * v = (a² + s²)/(1 + s²), s at most 1: variance of the batch over that under Poisson arrivals, which leave it insensitive to the lengths.
   * (processor sharing in heavy traffic, Gromoll, Ann. Appl. Prob. 14, 2004; of places without limit the peakedness)
   */
  readonly batch: number;
  /** Waiting over v times that of the chain near saturation, such that both make up Allen and Cunneen's (a² + s²)/2. */
  readonly service: number;
  /** a² */
  readonly arrival: number;
}

export function variabilityOf(arrivalCv: number, tokenCv: number): Variability {
  const arrival = arrivalCv * arrivalCv;
  const spread = tokenCv * tokenCv;
  // Of lengths that vary more than exponential ones most are short and leave bursts as they are.
  const felt = Math.min(1, spread);
  const batch = (arrival + felt) / (1 + felt);
  return { batch, service: batch > 0 ? (arrival + spread) / (2 * batch) : 0.5, arrival };
}

/** The same batch before a line that is served at exponential times: (a² + 1)/2. */
export function exponentialService(variability: Variability): Variability {
  const { batch, arrival } = variability;
  return { ...variability, service: batch > 0 ? (arrival + 1) / (2 * batch) : 0.5 };
}

/**
 * The station whose mean request does the work of requests with lengths of that spread: decode steps read γ·m·s²/2 tokens more,
 * long outputs being where most of them happen.
 */
export function spreadStation(station: Station, tokenCv: number): Station {
  const { serviceTime, outputTokens } = station;
  const { betaMsPerToken, gammaMsPerToken2, decodeMsPerToken = betaMsPerToken } = serviceTime!;
  const more = (gammaMsPerToken2 * outputTokens * tokenCv * tokenCv) / 2;
  if (more === 0) return station;
  return { ...station, serviceTime: { ...serviceTime!, decodeMsPerToken: decodeMsPerToken + more } };
}

/** Exponent from which on gaps are constant. */
const MOST_EVEN = 1e3;

/**
 * Others that come in the same time as one that comes at some moment of it, beyond those under Poisson arrivals: a² - 1 of them where that
 * time sees many arrivals (the renewal function's asymptote). Their variance over their mean exceeds 1 by as much.
 *
 * @param arrivalCv2 a²
 * @param arrivals expected in that time
 */
export function clusterAround(arrivalCv2: number, arrivals: number): number {
  return arrivalCv2 === 1 ? 0 : (arrivalCv2 - 1) * sharesSeen(arrivalCv2, arrivals).around;
}

/** The same of those that come after it, in a time that begins with it: clusterAround is twice the mean of this over its time. */
export function clusterAfter(arrivalCv2: number, arrivals: number): number {
  return arrivalCv2 === 1 ? 0 : (arrivalCv2 - 1) * sharesSeen(arrivalCv2, arrivals).after;
}

const seen = { around: Number.NaN, after: Number.NaN };

/** What of a² - 1 is seen in a time; for gamma distributed gaps, fitted to their renewal function. Constant gaps: all that could have come. */
function sharesSeen(arrivalCv2: number, arrivals: number): typeof seen {
  if (arrivalCv2 > 1) {
    const exponent = 1 / (1 + 0.62 * Math.sqrt(arrivalCv2 - 1));
    const power = arrivals ** exponent;
    seen.around = power / (power + 0.3 + 0.17 * Math.sqrt(arrivalCv2));
    seen.after = (seen.around / 2) * (1 + exponent * (1 - seen.around));
    return seen;
  }
  // x/(1 + x^q)^(1/q), x the arrivals over 1 - a²: of a short time none comes beside, and constant gaps have the limit min(1, x).
  const exponent = Math.min(MOST_EVEN, 1 / Math.sqrt(arrivalCv2));
  const ratio = arrivals / (1 - arrivalCv2);
  const power = Math.min(ratio, 1 / ratio) ** exponent;
  seen.around = Math.min(ratio, 1) / (1 + power) ** (1 / exponent);
  seen.after = (seen.around / 2) * (1 + (ratio < 1 ? 1 : power) / (1 + power));
  return seen;
}
