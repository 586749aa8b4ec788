import fc from 'fast-check';
import { test } from 'tap';
import {
  type AibrixProfile,
  fromAibrix,
  fromMelange,
  type MelangeInput,
} from '../../src/converters/profiles.ts';
import { optimizeRequest } from '../../src/operations/optimize-request.ts';
import { loadRegistry } from '../../src/registry.ts';
import type { OptimizeRequest } from '../../src/schemas/plan.ts';
import { highsEngine } from '../../src/solvers/highs-engine.ts';
import { IntegerProgram } from '../../src/solvers/integer-program.ts';
import { forAll } from '../support/properties.ts';

const registry = await loadRegistry();
await registry.solvers.get('mixed')!.load?.();

const BESIDES = { model: 'model', requestsPerSec: undefined };
const lengths = { inputs: [100, 1_000], outputs: [50, 200, 800] };

/** What Mélange pays: each bucket, cut into `slices` equal parts, goes whole to a GPU. NaN: it finds no plan. */
function costOfMelange(input: MelangeInput, slices: number): number {
  const program = new IntegerProgram();
  const gpus = Object.values(input.gpu_info).map(({ cost, tputs }) => ({
    rates: tputs.flat(),
    count: program.addColumn(10_000, cost),
    columns: [] as number[],
    loads: [] as number[],
  }));
  for (const [bucket, share] of input.workload_distribution!.flat().entries()) {
    if (share === 0) continue;
    for (let slice = 0; slice < slices; slice++) {
      const columns = gpus.map((gpu) => {
        const rate = gpu.rates[bucket];
        const column = program.addColumn(rate > 0 ? 1 : 0, 0);
        gpu.columns.push(column);
        gpu.loads.push(rate > 0 ? (share * input.total_request_rate!) / slices / rate : 0);
        return column;
      });
      program.addRow(
        1,
        1,
        columns,
        columns.map(() => 1),
      );
    }
  }
  for (const { count, columns, loads } of gpus)
    program.addRow(-Infinity, 0, [...columns, count], [...loads, -1]);
  const { status, values } = highsEngine.solve(program, { timeLimitSec: 10, gapFraction: 0 });
  return status === 'optimal'
    ? program.costs.reduce((sum, cost, i) => sum + cost * values![i], 0)
    : Number.NaN;
}

function costOf(request: OptimizeRequest): number {
  const { status, totals } = optimizeRequest(request, registry);
  return status === 'complete' ? totals.costPerHour : Number.NaN;
}

const matrix = (value: fc.Arbitrary<number>) =>
  fc.array(fc.array(value, { minLength: 3, maxLength: 3 }), { minLength: 2, maxLength: 2 });
const rates = matrix(
  fc
    .oneof(
      { weight: 8, arbitrary: fc.integer({ min: 1, max: 400 }) },
      { weight: 1, arbitrary: fc.constant(0) },
    )
    .map((tenths) => tenths / 10),
);
const cases = fc
  .record({
    gpus: fc.array(fc.record({ cost: fc.constantFrom(0.7, 1.01, 2.5, 3.67, 7.5), tputs: rates }), {
      minLength: 2,
      maxLength: 3,
    }),
    weights: matrix(fc.integer({ min: 0, max: 5 })).filter((rows) =>
      rows.flat().some((weight) => weight > 0),
    ),
    rate: fc.integer({ min: 1, max: 80 }),
  })
  .map(({ gpus, weights, rate }): MelangeInput => {
    const all = weights.flat().reduce((sum, weight) => sum + weight, 0);
    return {
      gpu_info: Object.fromEntries(gpus.map((gpu, i) => [`gpu-${i}`, gpu])),
      workload_distribution: weights.map((row) => row.map((weight) => weight / all)),
      total_request_rate: rate,
    };
  });

test('what Mélange serves is served for no more, however it slices; what it cannot serve is said', async (t) => {
  t.setTimeout(120_000);
  let cheaper = 0;
  let unservable = 0;
  forAll(t, 'random inputs', cases, (input) => {
    const ours = costOf(fromMelange(input, lengths, BESIDES));
    const theirs = [1, 4].map((slices) => costOfMelange(input, slices));
    if (theirs.some(Number.isNaN)) {
      unservable++;
      return Number.isNaN(ours);
    }
    if (ours < theirs[0] - 1e-6) cheaper++;
    return theirs.every((cost) => ours <= cost + 1e-6);
  });
  t.ok(cheaper > 20, `${cheaper} of 200 for less than with whole buckets`);
  t.ok(unservable > 3, `${unservable} unservable`);
});

test('a bucket that is divided costs a third less than one that is not', async (t) => {
  const input: MelangeInput = {
    gpu_info: {
      L4: { cost: 0.7, tputs: [[4]] },
      A100: { cost: 3.67, tputs: [[40]] },
    },
    workload_distribution: [[1]],
    total_request_rate: 44,
  };
  // One bucket: 2 A100 for 7.34; divided, 1 A100 and 1 L4.
  const theirs = costOfMelange(input, 1);
  const ours = costOf(fromMelange(input, { inputs: [100], outputs: [100] }, BESIDES));
  t.ok(Math.abs(theirs - 7.34) < 1e-9);
  t.ok(Math.abs(ours - 4.37) < 1e-9);
  t.ok(ours < 0.7 * theirs);
});

const profile = (gpu: string, cost: number, tputs: number[][]): AibrixProfile => ({
  gpu,
  cost,
  tputs,
  indexes: [
    [32, 256],
    [128, 1_024, 4_096],
  ],
});

test('profiles of AIBrix have output lengths down and prompt lengths across', async (t) => {
  const given = [
    profile('a100', 3, [
      [60, 30, 8],
      [8, 7, 0],
    ]),
    profile('l4', 0.8, [
      [12, 5, 1],
      [1, 1, 0],
    ]),
  ];
  const sizes = [
    { inputTokens: 1_024, outputTokens: 32, share: 0.5 },
    { inputTokens: 128, outputTokens: 256, share: 0.5 },
  ];
  const request = fromAibrix(given, sizes, { ...BESIDES, requestsPerSec: 10 });
  t.same(request.models[0].profiles[0].throughput?.slice(0, 4), [
    { inputTokens: 128, outputTokens: 32, requestsPerSec: 60 },
    { inputTokens: 1_024, outputTokens: 32, requestsPerSec: 30 },
    { inputTokens: 4_096, outputTokens: 32, requestsPerSec: 8 },
    { inputTokens: 128, outputTokens: 256, requestsPerSec: 8 },
  ]);
  // 5/30 + 5/8 of an A100.
  t.equal(costOf(request), 3);
  const unserved = { ...sizes[0], inputTokens: 4_096, outputTokens: 256 };
  const [server] = optimizeRequest(
    fromAibrix(given, [unserved], { ...BESIDES, requestsPerSec: 10 }),
    registry,
  ).servers;
  t.equal(server.shortfall?.code, 'size-unmeasured', 'a rate of 0');
  t.equal(
    fromAibrix(given, [], { ...BESIDES, requestsPerSec: 10 }).servers[0].load,
    null,
    'a load that is not told',
  );
});
