import { errorsOf } from '../queueing/log-covariance.ts';
import type { Observation, Rejection } from '../schemas/observation.ts';
import { type Phase, STATE_VERSION, type Taken, type Tuned, type TuneItem } from '../schemas/tune.ts';
import type { Sighting, TuneState } from '../schemas/tune-state.ts';
import {
  beliefOfSeed,
  type Certainty,
  certaintyOf,
  guessedBelief,
  shownCombinations,
  soundBelief,
} from './belief.ts';
import { calibrationFor } from './calibration.ts';
import type { CommonOptions, Estimator, Track, Verdict } from './estimator.ts';
import type { Expectation } from './expectation.ts';
import { observedRangeOf } from './observed-range.ts';
import { isOverloaded, screened } from './screening.ts';

/** Observations after a start, or a restart, during which parameters that are identified still settle. */
const WARM_UP = 5;

/** Noise is believed to be at most so many times what is assumed. */
const LARGEST_NOISE_SCALE = 6;

export interface Chosen {
  readonly strategy: Estimator;
  readonly options: CommonOptions & Record<string, unknown>;
}

/**
 * Takes the observations of one variant, the oldest first.
 *
 * @param item valid; its state is of this version
 */
export function tuneItem(item: TuneItem, { strategy, options }: Chosen, expectation: Expectation): Tuned {
  const track = trackOf(item, strategy.name);
  const seenUntil = track.observedAt;
  const withTerms = track.terms ? expectation.withTerms(track.terms) : expectation;
  const seen = item.observations.map((observation) => {
    const sighting = screened(observation, seenUntil, options.maxAgeSec);
    if (typeof sighting === 'string') return rejected(sighting);
    return taken(track, sighting, withTerms, { strategy, options }, observation);
  });
  return answerOf(item, track, seen, withTerms, options);
}

interface Seen {
  readonly sighting: Sighting | null;
  readonly verdict: Verdict;
}

function rejected(reason: Rejection): Seen {
  return { sighting: null, verdict: { accepted: false, reason, nis: null, deviation: null } };
}

function taken(
  track: Track,
  sighting: Sighting,
  expectation: Expectation,
  { strategy, options }: Chosen,
  { observedAt }: Observation,
): Seen {
  if (
    observedAt !== undefined &&
    (track.observedAt === null || Date.parse(observedAt) > Date.parse(track.observedAt))
  ) {
    track.observedAt = observedAt;
  }
  if (!track.belief) {
    track.belief = guessedBelief(sighting);
    track.prior = track.belief;
  } else if (isOverloaded(sighting, track, expectation)) {
    return { sighting, verdict: rejected('overloaded').verdict };
  }
  const noiseFraction = options.noiseFraction * track.noiseScale;
  const verdict = strategy.take(track, sighting, expectation, { ...options, noiseFraction });
  if (verdict.nis !== null) track.noiseScale = nextNoiseScale(track.noiseScale, verdict.nis);
  if (verdict.accepted) {
    track.accepted++;
    track.sinceRestart++;
    track.rejectedInRow = 0;
  } else {
    track.rejectedInRow++;
  }
  return { sighting, verdict };
}

/** Median of χ² with 2 degrees of freedom. */
const MEDIAN_NIS = 2 * Math.LN2;

/** Step by which the scale of the noise follows (natural logarithm). */
const SCALE_STEP = 0.06;

/** Follows the median of what innovations come to, which outliers do not move: latencies may be noisier than assumed, never less. */
function nextNoiseScale(scale: number, nis: number): number {
  return Math.min(
    LARGEST_NOISE_SCALE,
    Math.max(1, scale * Math.exp(nis > MEDIAN_NIS ? SCALE_STEP : -SCALE_STEP)),
  );
}

function trackOf({ state, seed }: TuneItem, estimator: string): Track {
  if (state) {
    const known = state as unknown as TuneState;
    const belief = known.belief && soundBelief(known.belief);
    const prior = known.prior ? soundBelief(known.prior) : belief;
    const track: Track = {
      ...known,
      estimator,
      belief,
      prior,
      window: known.window.map((entry) => ({ ...entry })),
    };
    // Another estimator has moved the belief since.
    if (known.estimator !== estimator) delete track.linearizedAt;
    return track;
  }
  const { alphaMs, betaMsPerToken, gammaMsPerToken2, ...terms } = seed ?? {
    alphaMs: 0,
    betaMsPerToken: 0,
    gammaMsPerToken2: 0,
  };
  const belief = seed ? beliefOfSeed(seed) : null;
  return {
    version: STATE_VERSION,
    estimator,
    belief,
    prior: belief,
    moved: false,
    settled: false,
    ...(Object.keys(terms).length > 0 && { terms }),
    noiseScale: 1,
    accepted: 0,
    sinceRestart: 0,
    rejectedInRow: 0,
    restarts: 0,
    observedAt: null,
    window: [],
  };
}

function answerOf(
  { model, variant }: TuneItem,
  track: Track,
  seen: readonly Seen[],
  expectation: Expectation,
  { noiseFraction }: CommonOptions,
): Tuned {
  const { belief } = track;
  const certainty = belief && certaintyOf(belief);
  const last = seen.findLast(({ sighting }) => sighting !== null)?.sighting ?? track.window.at(-1);
  return {
    model,
    variant,
    status: phaseOf(track, certainty, seen),
    serviceTime: belief && expectation.serviceTime(belief.mean),
    ...(belief ? errorsOf(belief.mean, belief.covariance) : { standardErrors: null, correlations: null }),
    observedRange: observedRangeOf(track.window.filter(({ accepted }) => accepted)),
    state: track,
    observations: seen.map((one) => takenOf(one, belief?.mean ?? null, expectation)),
    diagnostics: {
      estimator: track.estimator,
      accepted: track.accepted,
      rejectedInRow: track.rejectedInRow,
      restarts: track.restarts,
      conditionNumber: certainty?.conditionNumber ?? null,
      combinations: certainty ? shownCombinations(certainty.combinations) : [],
    },
    calibration:
      certainty && last
        ? calibrationFor(belief!, certainty, pointOf(last), expectation, noiseFraction)
        : null,
    faults: [],
  };
}

function phaseOf({ sinceRestart }: Track, certainty: Certainty | null, seen: readonly Seen[]): Phase {
  if (!certainty) return 'collecting';
  if (seen.length > 0 && !seen.some(({ verdict }) => verdict.accepted)) return 'held';
  if (!certainty.isIdentified) return 'collecting';
  return sinceRestart < WARM_UP ? 'warming-up' : 'tracking';
}

function takenOf(
  { sighting, verdict }: Seen,
  mean: readonly number[] | null,
  expectation: Expectation,
): Taken {
  const { accepted, reason, nis, deviation } = verdict;
  let left: readonly [number, number] | null = null;
  if (sighting && mean) {
    expectation.write(sighting, mean, expected);
    left = [Math.log(sighting.ttftMs) - expected[0], Math.log(sighting.itlMs) - expected[1]];
  }
  return {
    accepted,
    reason,
    nis,
    innovation: deviation && differences(sighting!, deviation),
    residuals: left && differences(sighting!, left),
  };
}

/** Observed less expected (ms), of logarithms; null: not finite. */
function differences(
  { ttftMs, itlMs }: Sighting,
  [ttft, itl]: readonly [number, number],
): { ttftMs: number; itlMs: number } | null {
  const difference = { ttftMs: ttftMs * -Math.expm1(-ttft), itlMs: itlMs * -Math.expm1(-itl) };
  return Number.isFinite(difference.ttftMs + difference.itlMs) ? difference : null;
}

const expected = new Float64Array(2);

function pointOf({ ttftMs: _, itlMs: __, accepted: ___, score: ____, before: _____, ...point }: Sighting) {
  return point;
}
