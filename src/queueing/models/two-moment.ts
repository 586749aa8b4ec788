import { type Static, Type } from '#typebox';
import { sumGeometric } from '../../numerics/truncated-geometric.ts';
import type { Station } from '../../schemas/station.ts';
import { burstyLineExcess } from '../bursty-line.ts';
import { serviceLawOf } from '../law-of.ts';
import type { LinearLaw } from '../laws/linear.ts';
import { fillRoom, newRoomMetrics } from '../limited-wait.ts';
import type { Queue, QueueMetrics, QueueModel } from '../queue-model.ts';
import { SpreadStates } from '../spread-states.ts';
import { clusterAround, spreadStation, type Variability, variabilityOf } from '../variability.ts';
import reference, { stateDependentQueue } from './state-dependent.ts';

const options = Type.Object(
  {
    arrivalCv: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 10,
        default: 1,
        description:
          'Coefficient of variation of the times between arrivals. 0: constant, 1: Poisson arrivals.',
      }),
    ),
    tokenCv: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 10,
        default: 1,
        description: 'Coefficient of variation of output lengths. 0: all the same, 1: exponential.',
      }),
    ),
  },
  { additionalProperties: false },
);

/** Below this variability a batch is taken not to fluctuate: who arrives below saturation never waits. */
const CONSTANT = 1e-9;

/** At rates below this (1/ms) all requests are alone, for bursts too. */
const LEAST_RATE = 1e-200;

const room = newRoomMetrics();
const tail = { sum: Number.NaN, mean: Number.NaN, last: Number.NaN };

/** The state-dependent chain, its waiting, losses and mean batch scaled by the variability of arrivals and lengths. */
class TwoMomentQueue implements Queue {
  readonly maxBatchSize: number;
  readonly minRequestsPerSec: number;
  readonly maxRequestsPerSec: number;
  readonly #law: LinearLaw;
  readonly #base: Queue;
  readonly #waitingRoom: number;
  readonly #variability: Variability;
  readonly #fullRate: number;
  #states: SpreadStates | undefined;

  constructor(law: LinearLaw, base: Queue, waitingRoom: number, variability: Variability) {
    this.#law = law;
    this.#base = base;
    this.#waitingRoom = waitingRoom;
    this.#variability = variability;
    this.maxBatchSize = base.maxBatchSize;
    this.maxRequestsPerSec = base.maxRequestsPerSec;
    this.minRequestsPerSec = base.minRequestsPerSec;
    this.#fullRate = this.maxBatchSize / law.timeInServiceMs(this.maxBatchSize);
  }

  withMaxBatchSize(maxBatchSize: number): Queue {
    const base = this.#base.withMaxBatchSize(maxBatchSize);
    return new TwoMomentQueue(this.#law, base, this.#waitingRoom, this.#variability);
  }

  evaluate(requestsPerSec: number, metrics: QueueMetrics): void {
    this.#base.evaluate(requestsPerSec, metrics);
    const { batch: v, service } = this.#variability;
    if ((v === 1 && service === 1) || Number.isNaN(metrics.waitMs)) return;
    const { inService, throughputPerSec, waitMs } = metrics;
    const lambda = Math.max(requestsPerSec / 1000, LEAST_RATE);
    this.#fill(lambda);
    const most = Math.min(1, this.#fullRate / lambda);
    const throughput = lambda * Math.min(1 - room.lossFraction, most);
    metrics.throughputPerSec = Math.min(1000 * throughput, requestsPerSec);
    metrics.lossFraction = Math.max(room.lossFraction, 1 - most);
    metrics.waitMs = this.#waiting(lambda, (waitMs * throughputPerSec) / 1000) / throughput;

    // A request sees v - 1 others more than under Poisson arrivals, but in an all but empty batch and in a full one. In bursts these see more
    // too, and so on; where arrivals come evenly this was not found.
    const law = this.#law;
    const { segment: chunks } = metrics;
    const more = (v - 1) * Math.min(1, inService) * (1 - room.delayedFraction);
    const least = law.timeInServiceMs(1, law.chunks(1));
    const timeMs = requestsPerSec / 1000 > LEAST_RATE ? (1000 * inService) / throughputPerSec : least;
    const full = (this.maxBatchSize / throughput) * (1 + 1e-13);
    const perRequestMs = law.perRequestMs(chunks);
    const free = v > 1 ? Math.max(1e-3, 1 - throughput * perRequestMs) : 1;
    const seenMs = Math.min(full, Math.max(least, timeMs + (more * perRequestMs) / free));
    const step = (seenMs - timeMs) / (chunks + law.outputTokens);
    const iterationMs = law.alphaMs + inService * law.workPerIterationMs(chunks);
    const beside =
      clusterAround(this.#variability.arrival, lambda * iterationMs) * (1 - room.delayedFraction);
    const prefillStep = Math.max(
      chunks * step + beside * law.prefillWorkMs(chunks),
      chunks * law.alphaMs + law.prefillWorkMs(chunks) - metrics.prefillMs,
    );
    const besideMs = Math.min(prefillStep - chunks * step, full - seenMs);
    metrics.prefillMs += chunks * step + besideMs;
    metrics.itlMs += step;
    metrics.ttftMs += metrics.waitMs - waitMs + (chunks + 1) * step + besideMs;
    metrics.responseMs += metrics.waitMs - waitMs + seenMs - timeMs + besideMs;
    metrics.inService = Math.min(this.maxBatchSize, throughput * (seenMs + besideMs));
  }

  /**
   * Mean number that waits: of even arrivals between what the chain says, which is right for many places, and for one place Kraemer and
   * Langenbach-Belz's (a² + s²)/2·e^(-2·(1-r)·(1-a²)²/(3·r·(a² + s²))); by logarithms, the weights fitted to simulations.
   */
  #waiting(lambda: number, poissonWaiting: number): number {
    const { batch: v, service, arrival } = this.#variability;
    if (v >= 1 || room.waiting === 0) return room.waiting;
    const load = lambda / this.#fullRate;
    const slack = Math.max(0, 1 - load);
    const regular = Math.max(0, 1 - arrival);
    const light = Math.exp((-slack * regular * regular) / (3 * load * v * service));
    const single = Math.min(this.#waitingRoom, v * service * light * poissonWaiting);
    const full = this.maxBatchSize;
    const weight = Math.min(1, 8 * slack) / Math.sqrt(full);
    return room.waiting ** (1 - weight) * single ** weight;
  }

  /** Loss and mean number that waits. */
  #fill(lambda: number): void {
    const { batch: v, service } = this.#variability;
    const load = lambda / this.#fullRate;
    const excess = (lambda - this.#fullRate) / this.#fullRate;
    if (v < CONSTANT) {
      room.lossFraction = Math.max(0, excess / (1 + excess));
      room.waiting = excess > 0 ? this.#waitingRoom : 0;
      room.delayedFraction = excess >= 0 ? 1 : 0;
      return;
    }
    const logRatio = (Math.abs(excess) < 0.5 ? Math.log1p(excess) : Math.log(load)) / v;
    const spreadExcess = Math.expm1(Math.min(logRatio, 500));
    this.#states ??= new SpreadStates(this.#law, this.maxBatchSize, v);
    const states = this.#states;
    const below = states.below(1 + spreadExcess);
    const lineExcess = v > 1 ? burstyLineExcess(load, logRatio, v, this.maxBatchSize) : spreadExcess;
    fillRoom(below, lineExcess, this.#waitingRoom, room, states.logUnit);
    if (v <= 1) room.lossFraction = scaledLoss(room.lossFraction, load, excess, lineExcess, v);
    else {
      // Between bursts nobody is there: no more is served than comes, and states that would serve more are as much rarer.
      const flow = room.fullFraction + (1 - room.fullFraction) * states.meanRate;
      const busy = flow > 0 ? load / flow : 1;
      room.lossFraction = scaledLoss(Math.min(1, busy) * room.lossFraction, load, excess, lineExcess, v);
      room.waiting *= Math.min(1, busy * (1 - room.lossFraction));
    }
    // The lengths tell the less the more places there are, saturation apart (Kimura, Oper. Res. 34, 1986); the exponent is fitted.
    const felt = 1 / (1 + Math.max(0, -excess) * (Math.sqrt(this.maxBatchSize) - 1));
    room.waiting *= stretched(lineExcess, service ** felt, this.#waitingRoom);
  }
}

/** Of a flow whose fluctuations are v times as strong v times as much is lost near saturation, and 1 - 1/r far beyond. */
function scaledLoss(
  fullFraction: number,
  load: number,
  excess: number,
  spreadExcess: number,
  v: number,
): number {
  if (v === 1 || fullFraction === 0) return fullFraction;
  const factor = Math.abs(excess) < 1e-9 ? v : (excess / load) * ((1 + spreadExcess) / spreadExcess);
  if (!(factor > 1)) return factor > 0 ? factor * fullFraction : 0;
  return 1 - (1 - fullFraction) / (1 + (factor - 1) * fullFraction);
}

/** Mean of i in 0 … Q over what it is with the given ratio, where it is `factor` times as far from its end in a room without bound. */
function stretched(excess: number, factor: number, waitingRoom: number): number {
  if (factor === 1 || waitingRoom === 0 || excess === 0) return 1;
  if (waitingRoom === Number.POSITIVE_INFINITY) return factor;
  const isOver = excess > 0;
  const before = meanOf(isOver ? 1 / excess : -(1 + excess) / excess, waitingRoom);
  const after = meanOf(factor * (isOver ? 1 / excess : -(1 + excess) / excess), waitingRoom);
  if (isOver) return (waitingRoom - after) / (waitingRoom - before);
  return before > 0 ? after / before : factor;
}

/** Mean of 0 … last under geometric weights that without an end would have the mean `unlimited`. */
function meanOf(unlimited: number, last: number): number {
  if (!(unlimited > 0)) return 0;
  const missing = 1 / (1 + unlimited);
  sumGeometric(Math.log1p(1 / unlimited), unlimited * missing, missing, last, tail);
  return tail.mean;
}

/** The chain of `state-dependent` under a law, scaled by that variability. */
export function twoMomentQueue(
  law: LinearLaw,
  waitingRoom: number,
  maxBatchSize: number,
  variability: Variability,
): Queue {
  return new TwoMomentQueue(
    law,
    stateDependentQueue(law, waitingRoom, maxBatchSize),
    waitingRoom,
    variability,
  );
}

export default {
  name: 'two-moment',
  summary:
    'The state-dependent chain scaled for arrivals (`arrivalCv`) and output lengths (`tokenCv`) of any variability; without either nobody waits below saturation. Means; a sum over the batch per evaluation.',
  options,
  assumes:
    "Independent gaps between arrivals and output lengths, of which `arrivalCv` and `tokenCv` tell the variation; prefill and decoding spread evenly over a request's iterations.",
  cost: 'A microsecond or two.',
  isLight: true,
  prepare: (station: Station, { arrivalCv = 1, tokenCv = 1 }: Static<typeof options>): Queue => {
    const spread = spreadStation(station, tokenCv);
    return new TwoMomentQueue(
      serviceLawOf(spread),
      reference.prepare(spread),
      station.maxQueueLength ?? Number.POSITIVE_INFINITY,
      variabilityOf(arrivalCv, tokenCv),
    );
  },
} satisfies QueueModel<typeof options>;
