import { type Static, Type } from '#typebox';
import type { Belief, Sighting } from '../../schemas/tune-state.ts';
import { diagonal, IDENTIFIED_WITHIN, LARGEST_VARIANCE } from '../belief.ts';
import { commonOptions, driftFraction, type Estimator, type Track, type Verdict } from '../estimator.ts';
import type { Expectation } from '../expectation.ts';
import { drifted, innovate, loadFilter, scoreOf, updatedBy, verdictOf } from '../filter.ts';
import { keptOf } from '../kept.ts';
import { findMovement, fitMoved } from '../movement.ts';
import { fitWindow } from '../window-fit.ts';

const options = Type.Object(
  {
    ...commonOptions,
    driftFraction: driftFraction(0.01),
    gate: Type.Optional(
      Type.Number({
        minimum: 1,
        maximum: 1000,
        default: 13.8,
        description:
          'Normalised innovation squared beyond which an observation is rejected (χ², 2 degrees of freedom).',
      }),
    ),
    restartAfter: Type.Optional(
      Type.Integer({
        minimum: 2,
        maximum: 20,
        default: 3,
        description:
          'Rejections in a row after which the covariance is inflated; after as many more the state is found anew from the rejected.',
      }),
    ),
  },
  { additionalProperties: false },
);
type Options = Required<Static<typeof options>>;

/** Updates without a gate, at the start. */
const UNGATED = 3;

/** Variance (natural logarithm) that is added where the filter no longer believes itself. */
const INFLATION = 0.1;

/** Newest observations that are kept: what was rejected, and what tells whether the parameters have moved. */
const KEPT = 12;

/** With so many since the start it looks in any case whether an outlier was taken: one that was makes those that follow look like none. */
const LOOK_AT = 10;

/** While all is kept since the start, what disagrees with the rest is an outlier, up to this share; beyond, the parameters moved. */
const LARGEST_ODD_SHARE = 0.25;

function take(track: Track, sighting: Sighting, expectation: Expectation, options: Options): Verdict {
  const { noiseFraction, gate, restartAfter } = options;
  const rejected = track.rejectedInRow;
  let believed = drifted(track.belief!, options.driftFraction ** 2);
  if (rejected >= restartAfter) believed = inflated(believed);
  const innovation = innovate(expectation, believed, sighting, noiseFraction, track.linearizedAt);
  const isWithin = innovation !== null && (innovation.nis <= gate || track.accepted < UNGATED);
  const updated = isWithin ? updatedBy(innovation) : null;
  if (updated) believe(track, updated);
  track.window = [
    ...track.window,
    keptOf(sighting, believed.mean, innovation && scoreOf(innovation), updated !== null),
  ].slice(-KEPT);

  return verdictOf(innovation, restarted(track, expectation, options, rejected) || updated !== null);
}

/**
 * Where a combination of parameters is open the measurement stays linearised where it first was (Huang, Mourikis and Roumeliotis 2010): the
 * direction that one operating point says nothing of turns as the mean moves, and every turn would count as information on it. It also
 * keeps the mean as near to the seed as the observations allow.
 */
function believe(track: Track, belief: Belief): void {
  track.belief = belief;
  const [alpha, , , , beta, , , , gamma] = belief.covariance;
  if (alpha + beta + gamma <= IDENTIFIED_WITHIN ** 2) delete track.linearizedAt;
  else track.linearizedAt ??= belief.mean;
}

/** Finds the state anew from the newest observations: where they say that the parameters have moved, or nothing else was accepted for long. */
function restarted(track: Track, expectation: Expectation, options: Options, rejected: number): boolean {
  const { noiseFraction, restartAfter } = options;
  const { window } = track;
  const movement = findMovement(expectation, window, track.belief!, noiseFraction);
  const isRejected = !window[window.length - 1].accepted;
  const isStuck = isRejected && rejected + 1 >= 2 * restartAfter;
  const isSuspected = movement !== null || isRejected;
  if (isSuspected || window.length === LOOK_AT) {
    if (refoundFromStart(track, expectation, noiseFraction, isSuspected)) return true;
  }
  if (!movement && !isStuck) return false;
  const since = movement ? window.slice(movement.from) : window.filter(({ accepted }) => !accepted);
  const fit = movement
    ? fitMoved(expectation, since, movement.before, noiseFraction)
    : refound(track, since, expectation, noiseFraction);
  if (!fit) return false;
  delete track.linearizedAt;
  believe(track, fit.belief);
  // Scores against what was believed before say nothing of the next movement.
  track.window = since.map(({ score: _, ...entry }) => entry);
  track.restarts++;
  track.sinceRestart = 0;
  return true;
}

/**
 * Without a gate the first updates take an outlier as well, and a parameter that it carries off has too little effect to come back. So where
 * one set of parameters explains all that was seen since the start, but for few outliers, it is believed; whether that was so.
 */
function refoundFromStart(
  track: Track,
  expectation: Expectation,
  noiseFraction: number,
  isSuspected: boolean,
): boolean {
  const { window, prior, restarts } = track;
  if (restarts > 0 || window.length >= KEPT) return false;
  const unjudged = window.map((entry) => ({ ...entry, accepted: true }));
  const fit = fitWindow(expectation, unjudged, prior!, noiseFraction);
  if (!fit || fit.isOutlier[window.length - 1]) return false;
  const odd = fit.isOutlier.filter(Boolean).length;
  if (odd > LARGEST_ODD_SHARE * window.length || (odd === 0 && !isSuspected)) return false;
  delete track.linearizedAt;
  believe(track, fit.belief);
  track.window = unjudged.map(({ score: _, ...entry }, i) => ({ ...entry, accepted: !fit.isOutlier[i] }));
  return true;
}

/** From what was rejected: near what is believed, or near where all began, whichever explains it better. */
function refound(
  { belief, prior }: Track,
  window: readonly Sighting[],
  expectation: Expectation,
  noiseFraction: number,
) {
  const [near, first] = [belief!.mean, prior!.mean].map((mean) =>
    fitWindow(expectation, window, { mean, covariance: diagonal(LARGEST_VARIANCE) }, noiseFraction),
  );
  return near && first ? (near.cost <= first.cost ? near : first) : (near ?? first);
}

function inflated({ mean, covariance }: Belief): Belief {
  const added = diagonal(INFLATION);
  return { mean, covariance: covariance.map((value, i) => value + added[i]) };
}

export default {
  name: 'extended-kalman-filter',
  summary:
    'Iterated extended Kalman filter on the logarithms of the parameters, one observation at a time; rejections in a row inflate its covariance, then start it anew.',
  options,
  load: loadFilter,
  take,
} satisfies Estimator<typeof options>;
