import fc from 'fast-check';
import type { Station } from '../../src/schemas/station.ts';

const STEPS = 2 ** 30;

interface StationBounds {
  readonly batch?: readonly [number, number];
  /** Waiting rooms; undefined: unlimited. */
  readonly waitingRoom?: fc.Arbitrary<number | undefined>;
  /** Budget so large that one chunk serves every batch. */
  readonly oneChunk?: boolean;
}

export const boundedRoom = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 1, max: 10 }),
  fc.integer({ min: 11, max: 400 }),
);
export const anyRoom = fc.oneof(
  { weight: 3, arbitrary: boundedRoom },
  { weight: 1, arbitrary: fc.constant(undefined) },
);

/** Numbers evenly spread over a range; fast-check's own doubles crowd at zero. */
export function uniform(min: number, max: number): fc.Arbitrary<number> {
  return fc.noBias(fc.nat(STEPS)).map((step) => min + ((max - min) * step) / STEPS);
}

/** Positive numbers, evenly spread in their logarithm. */
export function logUniform(min: number, max: number): fc.Arbitrary<number> {
  return uniform(Math.log(min), Math.log(max)).map((x) => Math.min(max, Math.max(min, Math.exp(x))));
}

const orZero = (values: fc.Arbitrary<number>) =>
  fc.oneof({ weight: 4, arbitrary: values }, { weight: 1, arbitrary: fc.constant(0) });
const tokens = (min: number, max: number) => logUniform(min, max).map(Math.round);

/** How many times what a token takes in a prompt it takes in a decode step; undefined: nothing is said of it. */
const ownDecode = fc.option(logUniform(0.3, 3), { nil: undefined, freq: 2 });

/** Random stations: parameters, prompt and cache with zeros among them, but never all parameters zero. */
export function stations(bounds: StationBounds = {}): fc.Arbitrary<Station> {
  const [minBatch, maxBatch] = bounds.batch ?? [1, 64];
  const plain = fc
    .record({
      serviceTime: fc
        .record({
          alphaMs: orZero(logUniform(0.01, 50)),
          betaMsPerToken: orZero(logUniform(1e-4, 0.3)),
          gammaMsPerToken2: orZero(logUniform(1e-8, 1e-3)),
        })
        .filter(
          ({ alphaMs, betaMsPerToken, gammaMsPerToken2 }) => alphaMs + betaMsPerToken + gammaMsPerToken2 > 0,
        ),
      maxBatchSize: fc.oneof(
        fc.integer({ min: minBatch, max: maxBatch }),
        fc.integer({ min: minBatch, max: minBatch + 8 }),
      ),
      maxQueueLength: bounds.waitingRoom ?? anyRoom,
      maxBatchTokens: bounds.oneChunk
        ? fc.constant(1e7)
        : fc.oneof(fc.constant(undefined), tokens(32, 32_768)),
      inputTokens: orZero(fc.oneof(tokens(1, 20_000), logUniform(1, 20_000))),
      outputTokens: fc.oneof(
        { weight: 1, arbitrary: fc.constant(1) },
        { weight: 4, arbitrary: tokens(2, 2_000) },
        { weight: 2, arbitrary: logUniform(1, 2_000) },
      ),
      cachedShare: orZero(uniform(0, 1)),
    })
    .map(({ cachedShare, maxQueueLength, maxBatchTokens, ...station }) => ({
      ...station,
      ...(maxQueueLength !== undefined && { maxQueueLength }),
      ...(maxBatchTokens !== undefined && { maxBatchTokens }),
      cachedInputTokens: cachedShare * station.inputTokens,
    }));
  return fc.tuple(plain, ownDecode).map(([station, times]) => {
    const { serviceTime } = station;
    if (times === undefined) return station;
    const decodeMsPerToken = times * serviceTime.betaMsPerToken;
    return { ...station, serviceTime: { ...serviceTime, decodeMsPerToken } };
  });
}

/** The same with measured rates besides: their mean request among others. */
export const measuredStations: fc.Arbitrary<Station> = fc
  .record({ station: stations(), rates: fc.tuple(logUniform(0.01, 100), logUniform(0.01, 100)) })
  .map(({ station, rates: [own, other] }) => {
    const { inputTokens, outputTokens } = station;
    const throughput = [
      { inputTokens, outputTokens, requestsPerSec: own },
      { inputTokens: inputTokens + 100, outputTokens, requestsPerSec: other },
    ];
    return { ...station, throughput };
  });
