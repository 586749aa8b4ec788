import { test } from 'tap';
import stateDependent from '../../src/queueing/models/state-dependent.ts';
import { newMetrics } from '../../src/queueing/queue-model.ts';
import type { ServiceTime } from '../../src/schemas/model.ts';
import { BenchmarkModel, type BenchmarkPoint } from '../../src/tuner/benchmark-model.ts';
import { chooseLaw } from '../../src/tuner/law-choice.ts';
import { normalDraws } from '../support/normal-draws.ts';

const model = new BenchmarkModel(stateDependent, {});
const BASE = { alphaMs: 7, betaMsPerToken: 0.02, gammaMsPerToken2: 6e-5 };
const MADE: Readonly<Record<string, ServiceTime>> = {
  linear: BASE,
  power: { ...BASE, law: 'power', batchExponent: 0.75 },
  'two-regime': { ...BASE, law: 'two-regime', kneeTokens: 300, betaBeyondKneeMsPerToken: 0.06 },
};

/** A sweep of loads, prompts and outputs, as a replica under the law would answer it. */
function sweep(serviceTime: ServiceTime, noiseFraction: number): BenchmarkPoint[] {
  const draws = normalDraws(120, 1);
  let drawn = 0;
  const metrics = newMetrics();
  const noisy = (value: number) => value * (1 + noiseFraction * draws[drawn++][0]);
  return [64, 300, 1200, 4000].flatMap((inputTokens) =>
    [32, 200, 800].flatMap((outputTokens) => {
      const station = { serviceTime, inputTokens, outputTokens, maxBatchSize: 96 };
      const queue = stateDependent.prepare(station);
      return [0.05, 0.3, 0.55, 0.75, 0.9].map((share): BenchmarkPoint => {
        const requestsPerSec = share * queue.maxRequestsPerSec;
        queue.evaluate(requestsPerSec, metrics);
        return {
          group: -1,
          arrivals: 'poisson',
          concurrency: null,
          outputVariation: null,
          requestsPerSec,
          inputTokens,
          outputTokens,
          maxBatchSize: 96,
          ttftMs: noisy(metrics.ttftMs),
          itlMs: noisy(metrics.itlMs),
        };
      });
    }),
  );
}

test('what a token takes in its decode step is told from what a prompt token takes', async (t) => {
  const made = { ...BASE, decodeMsPerToken: 0.06 };
  const { terms, fit } = chooseLaw(model, sweep(made, 0.02), {
    terms: ['decodeMsPerToken', 'requestOverheadMs'],
    laws: ['linear'],
  });
  t.same(terms, ['decodeMsPerToken']);
  for (const [name, value] of Object.entries(made)) {
    const found = fit.serviceTime[name as 'alphaMs'];
    t.ok(Math.abs(found / value - 1) < 0.15, `${name} ${found} of ${value}`);
  }
  const plain = chooseLaw(model, sweep(BASE, 0.02), { terms: ['decodeMsPerToken'], laws: ['linear'] });
  t.same(plain.terms, [], 'where both take the same there is no such term');
});

for (const [law, made] of Object.entries(MADE)) {
  for (const [noise, within] of [
    [0, 0.01],
    [0.03, 0.2],
  ] as const) {
    test(`points made under ${law} with noise of ${100 * noise} % give back that law and its parameters`, async (t) => {
      const chosen = chooseLaw(model, sweep(made, noise), { terms: ['requestOverheadMs'] });
      t.equal(chosen.law, law);
      t.equal(chosen.fit.serviceTime.law ?? 'linear', law);
      for (const [name, value] of Object.entries(made)) {
        if (typeof value !== 'number') continue;
        const found = chosen.fit.serviceTime[name as 'alphaMs']!;
        t.ok(Math.abs(found / value - 1) < within, `${name} ${found} of ${value}`);
      }
      t.ok(
        chosen.tried.some((one) => one.law !== law),
        'others were tried',
      );
      t.equal(chosen.tried.filter(({ isChosen }) => isChosen).length, 1);
    });
  }
}

test('only the laws that are asked for are tried', async (t) => {
  const { law, tried } = chooseLaw(model, sweep(MADE.power, 0.03), { laws: ['linear'], terms: [] });
  t.equal(law, 'linear');
  t.same(
    tried.map((one) => one.law),
    ['linear'],
  );
});

test('points beyond those that choose are fitted too', async (t) => {
  const many = Array.from({ length: 6 }, () => sweep(MADE.power, 0.03)).flat();
  const { fit, law } = chooseLaw(model, many, { terms: [] });
  t.equal(law, 'power');
  t.ok(Math.abs(fit.serviceTime.batchExponent! / 0.75 - 1) < 0.05);
});
