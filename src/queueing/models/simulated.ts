import { type Static, Type } from '#typebox';
import { Seed } from '../../schemas/simulation-process.ts';
import type { Station } from '../../schemas/station.ts';
import { arrivalsOfCv } from '../../simulator/arrivals.ts';
import { iterationTime } from '../../simulator/iteration-time.ts';
import { lengthOfCv } from '../../simulator/token-lengths.ts';
import { serviceLawOf } from '../law-of.ts';
import type { LinearLaw } from '../laws/linear.ts';
import type { Percentiles, Queue, QueueEstimates, QueueMetrics, QueueModel } from '../queue-model.ts';
import { replicaLimits } from '../replica-limits.ts';
import { SimulatedGrid } from '../simulated-grid.ts';
import {
  FIGURE,
  type Figures,
  ITL_AT,
  SHARES,
  type SimulatedReplica,
  simulateAlone,
  TTFT_AT,
} from '../simulated-rate.ts';
import { stateDependentQueue } from './state-dependent.ts';

const DEFAULT_REQUESTS = 20_000;
const DEFAULT_ITERATIONS = 1_000_000;

const Cv = (of: string, ends: string) =>
  Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 5,
      default: 1,
      description: `Coefficient of variation of ${of}: 0 ${ends}.`,
    }),
  );

const options = Type.Object(
  {
    arrivalCv: Cv('the times between arrivals', 'constant, 1 Poisson arrivals, above 1 in bursts'),
    inputCv: Cv('the prompt lengths', 'all the same, 1 exponential, else lognormal'),
    outputCv: Cv('the output lengths', 'all the same, 1 exponential, else lognormal'),
    requests: Type.Optional(
      Type.Integer({
        minimum: 100,
        maximum: 200_000,
        default: DEFAULT_REQUESTS,
        description: 'Requests that are simulated at each rate, at most; four times as many halve the error.',
      }),
    ),
    iterations: Type.Optional(
      Type.Integer({
        minimum: 1000,
        maximum: 1e8,
        default: DEFAULT_ITERATIONS,
        description: 'Iterations that are simulated at each rate, at most: some ten millions take a second.',
      }),
    ),
    seed: Type.Optional(Seed),
  },
  { additionalProperties: false },
);

/** A quantile that is asked for, as a point between two that are kept; null: the mean. */
type Between = { readonly at: number; readonly weight: number } | null;

/** One replica, iteration by iteration, at the rates of a grid. */
class SimulatedQueue implements Queue {
  readonly maxBatchSize: number;
  readonly rises = true;
  readonly #law: LinearLaw;
  readonly #grid: SimulatedGrid;
  readonly #percentiles: Percentiles;
  readonly #ttft: Between;
  readonly #itl: Between;

  constructor(law: LinearLaw, grid: SimulatedGrid, percentiles: Percentiles = {}) {
    this.#law = law;
    this.#grid = grid;
    this.#percentiles = percentiles;
    this.#ttft = between(percentiles.ttft);
    this.#itl = between(percentiles.itl);
    this.maxBatchSize = grid.replica.limits.maxBatchSize;
  }

  get maxRequestsPerSec(): number {
    return this.#grid.maxRequestsPerSec;
  }

  /** A thousandth of what it would serve one after the other. */
  get minRequestsPerSec(): number {
    return Math.min(1 / this.#law.timeInServiceMs(1), this.maxRequestsPerSec);
  }

  get estimates(): QueueEstimates {
    const { maxQueueLength, maxBatchSize } = this.#grid.replica.limits;
    const chain = stateDependentQueue(this.#law, maxQueueLength, maxBatchSize);
    return chain.atPercentiles!(this.#percentiles).estimates!;
  }

  withMaxBatchSize(maxBatchSize: number): Queue {
    return new SimulatedQueue(this.#law, this.#grid.withMaxBatchSize(maxBatchSize), this.#percentiles);
  }

  atPercentiles(percentiles: Percentiles): Queue {
    return new SimulatedQueue(this.#law, this.#grid, percentiles);
  }

  evaluate(requestsPerSec: number, metrics: QueueMetrics): void {
    const grid = this.#grid;
    const { maxBatchSize, maxQueueLength } = grid.replica.limits;
    const highest = grid.maxRequestsPerSec;
    const isUnlimited = maxQueueLength === Number.POSITIVE_INFINITY;
    const isUnbounded = isUnlimited && requestsPerSec > highest;
    if (isUnbounded) grid.lookAtFull();
    else grid.look(requestsPerSec / highest);

    const besideMs = grid.read(FIGURE.beside);
    let batchMs = grid.read(FIGURE.service) - besideMs;
    let served = Math.min(requestsPerSec, highest);
    // More than there are places for is not in service: where chance says so, either fewer are served, or each is served faster.
    if (isUnlimited) batchMs = Math.min(batchMs, (1000 * maxBatchSize) / served);
    else served = Math.min(grid.served(requestsPerSec), (1000 * maxBatchSize) / batchMs);
    metrics.throughputPerSec = served;
    metrics.lossFraction = isUnlimited ? 0 : 1 - served / requestsPerSec;
    metrics.inService = Math.min(maxBatchSize, (served * batchMs) / 1000);

    const firstMs = grid.read(FIGURE.first);
    const itlMs = grid.read(FIGURE.itl);
    metrics.waitMs = isUnbounded ? Number.NaN : grid.read(FIGURE.wait);
    metrics.prefillMs = Math.max(0, firstMs - itlMs);
    metrics.ttftMs = metrics.waitMs + firstMs;
    metrics.itlMs = itlMs;
    metrics.responseMs = metrics.waitMs + batchMs + besideMs;
    metrics.segment = 0;
    if (this.#ttft) metrics.ttftMs = isUnbounded ? Number.NaN : this.#quantile(TTFT_AT, this.#ttft);
    if (this.#itl) metrics.itlMs = this.#quantile(ITL_AT, this.#itl);
  }

  #quantile(from: number, { at, weight }: { at: number; weight: number }): number {
    const below = this.#grid.read(from + at);
    return below + (this.#grid.read(from + at + 1) - below) * weight;
  }
}

/** Where a quantile lies between two that are kept, as the tail of an exponential distribution does. */
function between(share: number | undefined): Between {
  if (share === undefined) return null;
  const above = SHARES.findIndex((kept) => kept >= share);
  const at = Math.min(Math.max(0, above - 1), SHARES.length - 2);
  const [low, high] = [Math.log1p(-SHARES[at]), Math.log1p(-SHARES[at + 1])];
  return { at, weight: (Math.log1p(-share) - low) / (high - low) };
}

export default {
  name: 'simulated',
  summary:
    'The simulator itself: each rate that is needed is simulated, iteration by iteration, with arrivals and lengths of any variability. The accurate one, and the slow one. Means and percentiles.',
  options,
  assumes:
    'What `POST /simulate` does. Chance is left: rates sized with it are mostly within 2 %, at batch limits of a few with long outputs within a quarter, closer with more `iterations`.',
  cost: 'A tenth of a second at most for each rate that is simulated; a sizing takes about ten of them, the search for a batch limit ten sizings.',
  isSimulation: true,
  knowsResidual: true,
  tellsPercentiles: true,
  prepare: (station: Station, given: Static<typeof options>): Queue => {
    const { arrivalCv = 1, inputCv = 1, outputCv = 1 } = given;
    const { requests = DEFAULT_REQUESTS, iterations = DEFAULT_ITERATIONS, seed = 1 } = given;
    const law = serviceLawOf(station, outputCv);
    const replica: SimulatedReplica = {
      limits: replicaLimits(station),
      time: iterationTime(station.serviceTime!),
      arrivals: arrivalsOfCv(arrivalCv),
      lengths: { input: lengthOfCv(inputCv), output: lengthOfCv(outputCv) },
      means: station,
      seed,
      requests,
      iterations,
    };
    let alone: Figures | undefined;
    const seenAlone = () => {
      alone ??= simulateAlone(replica, law.timeInServiceMs(1));
      return alone;
    };
    return new SimulatedQueue(law, new SimulatedGrid(replica, seenAlone));
  },
} satisfies QueueModel<typeof options>;
