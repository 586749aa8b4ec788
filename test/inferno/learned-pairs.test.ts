import { test } from 'tap';
import { calibratedPair, type LearnedPair, tunedPair } from '../../src/inferno/learned-pair.ts';
import { LearnedPairs } from '../../src/inferno/learned-pairs.ts';
import { calibrationStatuses, mergedModels } from '../../src/inferno/to-inferno-tuner.ts';
import type { Phase, Tuned } from '../../src/schemas/tune.ts';

const NOW = '2026-11-25T10:00:00.000Z';
const LATER = '2026-11-25T10:01:00.000Z';

/** An answer of the tuner, as far as it is read. */
function tuned(
  status: Phase,
  accepted: readonly boolean[] = [true],
  conditionNumber: number | null = 50,
): Tuned {
  return {
    model: 'm',
    variant: 'a',
    status,
    serviceTime: { alphaMs: 10, betaMsPerToken: 0.1, gammaMsPerToken2: 0.001 },
    state: { version: 1 },
    observations: accepted.map((one) => ({ accepted: one, nis: 2 })),
    diagnostics: { conditionNumber, accepted: accepted.filter(Boolean).length },
  } as unknown as Tuned;
}

function after(...answers: readonly Tuned[]): LearnedPair {
  return answers.reduce<LearnedPair | null>((before, answer) => tunedPair(before, answer, NOW), null)!;
}

const times = (count: number, answer: Tuned) => Array.from({ length: count }, () => answer);

test('Parameters are told after five tunings, or as soon as the observations tell them apart', async (t) => {
  t.equal(after(...times(4, tuned('collecting'))).parameters, null);
  t.same(after(...times(5, tuned('collecting'))).parameters, { alpha: 10, beta: 0.1, gamma: 0.001 });
  t.ok(after(tuned('warming-up')).parameters);
  t.ok(after(tuned('warming-up'), tuned('collecting')).parameters, 'what is told stays told');
});

test('They have settled once they are tracked, or after nine tunings, and stay so', async (t) => {
  t.notOk(after(tuned('warming-up')).isSettled);
  t.ok(after(tuned('tracking'), tuned('warming-up')).isSettled);
  t.notOk(after(...times(8, tuned('collecting'))).isSettled);
  t.ok(after(...times(9, tuned('collecting'))).isSettled);
});

test('A tuning that took nothing counts for nothing, and its state is kept', async (t) => {
  const before = after(tuned('tracking'));
  const held = tunedPair(
    before,
    { ...tuned('held', [false]), state: { version: 1, rejectedInRow: 1 } },
    LATER,
  )!;
  t.match(held, { updateCount: 1, observations: 1, lastUpdated: NOW, state: /rejectedInRow/ });
  t.equal(tunedPair(before, tuned('tracking'), LATER)!.lastUpdated, LATER);
});

test('Parameters that no request may hold are none', async (t) => {
  for (const alphaMs of [1e21, Number.POSITIVE_INFINITY, Number.NaN]) {
    const wild = { ...tuned('tracking'), serviceTime: { alphaMs, betaMsPerToken: 1, gammaMsPerToken2: 1 } };
    t.equal(tunedPair(null, wild, NOW), null);
    t.equal(calibratedPair(wild, NOW), null);
    const before = after(tuned('tracking'));
    t.equal(tunedPair(before, wild, NOW), before);
  }
});

test('A sweep that tells the parameters apart settles them; another is refused', async (t) => {
  const points = [true, true, true, false];
  t.match(calibratedPair(tuned('collecting', points), NOW), {
    observations: 4,
    observationsWanted: 4,
    isSettled: true,
    isCalibrated: true,
    nis: 0,
  });
  t.equal(calibratedPair(tuned('collecting', points, null), NOW), null);
  t.equal(calibratedPair(tuned('collecting', points, 1001), NOW), null);
  t.equal(calibratedPair(tuned('tracking', [true, false]), NOW), null, 'half of it disagrees');
});

test('A calibration is wanted where the observations are enough and do not tell the parameters apart', async (t) => {
  const statusOf = (pair: LearnedPair) => calibrationStatuses([pair]).statuses[0];
  const bound = tuned('collecting', [true], null);
  t.match(statusOf(after(...times(4, bound))), {
    storePresent: false,
    conditionNumber: 0,
    needsCalibration: false,
  });
  t.match(statusOf(after(...times(5, bound))), {
    storePresent: true,
    obsCount: 5,
    obsTarget: 5,
    conditionNumber: 1e18,
    illConditioned: true,
    needsCalibration: true,
  });
  t.match(statusOf({ ...after(...times(5, bound)), isCalibrated: true }), {
    illConditioned: true,
    needsCalibration: false,
  });
  t.match(statusOf(after(tuned('tracking'))), { conditionNumber: 50, illConditioned: false });
});

const pair = (model: string, more: Partial<LearnedPair> = {}): LearnedPair => ({
  ...after(tuned('tracking')),
  model,
  ...more,
});

test('So many pairs are kept; the one that was tuned longest ago goes first', async (t) => {
  const pairs = new LearnedPairs(2);
  t.equal(pairs.keep([pair('one'), pair('two')]), 0);
  t.equal(pairs.keep([pair('one')]), 0);
  t.equal(pairs.keep([pair('three')]), 1);
  t.same(
    pairs.all().map(({ model }) => model),
    ['one', 'three'],
  );
  t.equal(pairs.find('two', 'a'), null);
  t.equal(pairs.find('one', 'b'), null);
  t.equal(pairs.find('one', 'a')?.model, 'one');
});

test('A pair that is no longer tuned holds nobody back for ever', async (t) => {
  const pairs = new LearnedPairs(2);
  t.notOk(pairs.isWarmingUp);
  pairs.keep([pair('gone', { isSettled: false, parameters: null })]);
  for (let i = 0; i < 9; i++) {
    pairs.keep([pair('there')]);
    t.ok(pairs.isWarmingUp);
  }
  pairs.keep([pair('there')]);
  t.notOk(pairs.isWarmingUp);
});

test('Merging keeps order, duplicates and all other figures, and appends what was not posted by name', async (t) => {
  const posted = {
    name: 'm',
    acc: 'a',
    accCount: 2,
    maxBatchSize: 64,
    atTokens: 512,
    perfParms: { alpha: 1 },
  };
  const other = { name: 'm', acc: 'b' };
  const parameters = { alpha: 10, beta: 0.1, gamma: 0.001 };
  const known = ['z', 'm', 'k'].map((model) => ({ model, accelerator: 'a', parameters }));
  const tunedEntry = { ...posted, perfParms: parameters };
  const appended = { acc: 'a', accCount: 1, maxBatchSize: 256, atTokens: 1024, perfParms: parameters };
  t.same(mergedModels({ models: [posted, other, posted] }, known).models, [
    tunedEntry,
    other,
    tunedEntry,
    { name: 'k', ...appended },
    { name: 'z', ...appended },
  ]);
  t.same(mergedModels({}, []), { models: [] });
  t.same(mergedModels({ models: [posted] }, []), { models: [posted] });
});
