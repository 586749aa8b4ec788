import type { Station } from '../../src/schemas/station.ts';
import { plainLaw } from './long-sum.ts';

/** τ of each batch as the law states it, every possible iteration summed. */
export function plainTimes(station: Station): number[] {
  const { law, batchExponent = 1, kneeTokens = 0, betaBeyondKneeMsPerToken = 0 } = station.serviceTime!;
  const plain = plainLaw(station);
  const m = station.outputTokens;
  const budget = station.maxBatchTokens ?? 8192;
  const computed = station.inputTokens - (station.cachedInputTokens ?? 0);
  return Array.from({ length: station.maxBatchSize }, (_, i) => {
    const batch = i + 1;
    const c = plain.chunksOf(batch);
    const iterations = c + m;
    if (law === 'power') {
      return iterations * (station.serviceTime!.alphaMs + plain.meanWork(c) * batch ** batchExponent);
    }
    // ln of the binomial coefficient by a sum of logarithms
    let logChoice = 0;
    let excess = 0;
    for (let k = 0; k <= batch; k++) {
      if (k > 0) logChoice += Math.log((batch - k + 1) / k);
      const probability = Math.exp(
        logChoice + k * Math.log(c / iterations) + (batch - k) * Math.log(m / iterations),
      );
      excess += probability * Math.max(0, Math.min(budget, (k * computed) / c + batch - k) - kneeTokens);
    }
    return plain.timeInService(batch, c) + iterations * betaBeyondKneeMsPerToken * excess;
  });
}
