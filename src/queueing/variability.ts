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

/**
 * The station whose mean request does the work of requests with lengths of that spread: decode steps read γ·m·s²/2 tokens more,
 * long outputs being where most of them happen. β takes it, and the prefill is relieved of it.
 */
export function spreadStation(station: Station, tokenCv: number): Station {
  const { serviceTime, inputTokens, outputTokens, cachedInputTokens = 0 } = station;
  const { betaMsPerToken, gammaMsPerToken2, prefillMsPerToken2 = 0, prefillMsPerToken } = serviceTime!;
  const more = (gammaMsPerToken2 * outputTokens * tokenCv * tokenCv) / 2;
  if (more === 0) return station;
  const attended = inputTokens + cachedInputTokens;
  return {
    ...station,
    serviceTime: {
      ...serviceTime!,
      betaMsPerToken: betaMsPerToken + more,
      // κ·L_u·(L_u + 2·L_c), L_u + 2·L_c = L + L_c
      prefillMsPerToken2: attended > 0 ? prefillMsPerToken2 - more / attended : 0,
      ...(prefillMsPerToken !== undefined && { prefillMsPerToken: prefillMsPerToken + more }),
    },
  };
}
