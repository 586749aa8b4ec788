import type { Station } from '../schemas/station.ts';

/** What coefficients of variation of gaps between arrivals (a) and of output lengths (s) come to. */
export interface Variability {
  /**
   * v = (a² + s²)/(1 + s²): variance of the batch over that under Poisson arrivals, which leave it insensitive to the lengths.
   * (processor sharing in heavy traffic, Gromoll, Ann. Appl. Prob. 14, 2004; of places without limit the peakedness)
   */
  readonly batch: number;
  /** (1 + s²)/2: waiting over that under exponential lengths; v·(1 + s²)/2 is Allen and Cunneen's (a² + s²)/2. */
  readonly service: number;
  /** a² */
  readonly arrival: number;
}

export function variabilityOf(arrivalCv: number, tokenCv: number): Variability {
  const spread = tokenCv * tokenCv;
  const arrival = arrivalCv * arrivalCv;
  return { batch: (arrival + spread) / (1 + spread), service: (1 + spread) / 2, arrival };
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
