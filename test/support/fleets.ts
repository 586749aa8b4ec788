import fc from 'fast-check';
import type { Accelerator } from '../../src/schemas/accelerator.ts';
import type { Fleet, Quota, Server, ServiceClass } from '../../src/schemas/fleet.ts';
import type { Model, Profile } from '../../src/schemas/model.ts';
import { logUniform, uniform } from './stations.ts';

// Random fleets that are valid, small, and full of edge cases. Names are drawn as numbers and resolved at the end.

const TYPES = ['alder', 'birch', 'spruce'];
const RETIRED = 'retired';

const rounded = (values: fc.Arbitrary<number>, digits: number) =>
  values.map((value) => Number(value.toFixed(digits)));
const often = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined, freq: 2 });
const rarely = <T>(values: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: values });
const pick = <T>(values: readonly T[], index: number) => values[index % values.length];

/** A copy without the fields that are undefined. */
function defined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as never;
}

const powers = fc.record({
  idleWatts: fc.integer({ min: 0, max: 200 }),
  fullWatts: fc.integer({ min: 300, max: 600 }),
  midWatts: often(fc.integer({ min: 200, max: 300 })),
  midUtilizationFraction: often(fc.constantFrom(0.25, 0.5, 0.6)),
});

const accelerators = fc.record({
  type: fc.constantFrom(...TYPES),
  cards: often(fc.constantFrom(1, 2, 4)),
  costPerHour: fc.oneof(fc.integer({ min: 0, max: 40 }), rounded(uniform(0.5, 60), 2)),
  power: often(powers),
});

const serviceTimes = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      alphaMs: rounded(logUniform(2, 60), 3),
      betaMsPerToken: rounded(logUniform(0.005, 0.2), 5),
      gammaMsPerToken2: logUniform(1e-6, 2e-4),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ alphaMs: 0, betaMsPerToken: 0, gammaMsPerToken2: 0 }) },
  { weight: 1, arbitrary: fc.constant(undefined) },
);

const profiles = fc.record({
  accelerator: fc.nat(100),
  named: fc.boolean(),
  acceleratorsPerReplica: often(fc.constantFrom(1, 2)),
  maxBatchSize: often(fc.integer({ min: 1, max: 40 })),
  atTokens: often(fc.constantFrom(0, 100, 500)),
  kvCacheTokens: rarely(fc.constantFrom(500, 8_000, 50_000)),
  maxBatchTokens: rarely(fc.constantFrom(256, 2_048)),
  startupSec: often(fc.integer({ min: 0, max: 300 })),
  serviceTime: serviceTimes,
});

const percentile = rarely(fc.constantFrom(0.5, 0.9, 0.99));
const targets = fc
  .record({
    ttftMs: often(rounded(logUniform(50, 20_000), 1)),
    itlMs: often(rounded(logUniform(4, 400), 1)),
    minTokensPerSec: rarely(rounded(logUniform(1, 2_000), 1)),
    e2eMs: rarely(rounded(logUniform(500, 60_000), 1)),
    ttftPercentile: percentile,
    itlPercentile: percentile,
  })
  // A percentile without its target says nothing.
  .map(({ ttftPercentile, itlPercentile, ...rest }) => ({
    ...rest,
    ttftPercentile: rest.ttftMs && ttftPercentile,
    itlPercentile: rest.itlMs && itlPercentile,
  }));

const loads = fc
  .record({
    requestsPerSec: fc.oneof(
      { weight: 6, arbitrary: rounded(logUniform(0.05, 40), 3) },
      { weight: 1, arbitrary: fc.constant(0) },
    ),
    inputTokens: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 3_000 })),
    outputTokens: fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: 1, max: 800 }) },
      { weight: 1, arbitrary: fc.constant(0) },
    ),
    cachedShare: often(uniform(0, 1)),
  })
  .map(({ cachedShare, ...load }) =>
    defined({
      ...load,
      cachedInputTokens: cachedShare && Math.floor(cachedShare * load.inputTokens),
    }),
  );

const running = fc
  .record({
    variant: fc.nat(100),
    replicas: fc.oneof(fc.integer({ min: 1, max: 6 }), fc.nat(1)),
    startingShare: often(fc.constantFrom(0, 0.5, 1)),
    maxBatchSize: often(fc.integer({ min: 1, max: 40 })),
    costPerHour: rarely(fc.integer({ min: 0, max: 100 })),
  })
  .map(({ startingShare, ...current }) => ({
    ...current,
    startingReplicas: startingShare === undefined ? undefined : Math.floor(startingShare * current.replicas),
  }));

const servers = fc.record({
  serviceClass: fc.nat(100),
  model: fc.nat(100),
  load: fc.oneof({ weight: 8, arbitrary: loads }, { weight: 1, arbitrary: fc.constant(null) }),
  current: often(fc.array(running, { maxLength: 3 })),
  maxBatchSize: rarely(fc.integer({ min: 1, max: 40 })),
  maxQueueLength: often(fc.constantFrom(0, 5, 100)),
  minReplicas: often(fc.nat(3)),
  maxReplicas: rarely(fc.integer({ min: 3, max: 8 })),
  spareReplicas: rarely(fc.nat(2)),
  pinVariant: rarely(fc.boolean()),
});

/** Cards alone, or on nodes that hold them and perhaps some more. */
const capacities = fc.oneof(
  { weight: 2, arbitrary: fc.nat(12) },
  { weight: 2, arbitrary: fc.nat(80) },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.record({ cards: fc.constantFrom(1, 2, 4, 6, 8), count: fc.nat(6) }), { maxLength: 2 })
      .map((nodes) => ({ cards: nodes.reduce((sum, { cards, count }) => sum + cards * count, 0), nodes })),
  },
);

const quotas = fc.record({
  byClass: fc.boolean(),
  named: fc.nat(100),
  type: fc.nat(100),
  cards: fc.nat(12),
});

const raw = fc.record({
  accelerators: fc.array(accelerators, { minLength: 1, maxLength: 4 }),
  capacity: often(fc.dictionary(fc.constantFrom(...TYPES), capacities)),
  quotas: rarely(fc.array(quotas, { maxLength: 2 })),
  models: fc.array(fc.array(profiles, { maxLength: 4 }), { minLength: 1, maxLength: 3 }),
  classes: fc.array(fc.record({ priority: fc.integer({ min: 1, max: 3 }), targets }), {
    minLength: 1,
    maxLength: 3,
  }),
  servers: fc.array(servers, { maxLength: 6 }),
});

const nameOf = ({ variant, accelerator }: Profile) => variant ?? accelerator;

function uniqueBy<T>(entries: readonly T[], keyOf: (entry: T) => string): T[] {
  return [...new Map(entries.map((entry) => [keyOf(entry), entry])).values()];
}

function quotasOf(
  drawn: readonly { byClass: boolean; named: number; type: number; cards: number }[],
  gpus: readonly Accelerator[],
  serviceClasses: readonly ServiceClass[],
  servers: number,
): Quota[] {
  return drawn.map(({ byClass, named, type, cards }) => ({
    ...(byClass || servers === 0
      ? { serviceClasses: [pick(serviceClasses, named).name] }
      : { servers: [`server-${named % servers}`] }),
    type: pick(gpus, type).type,
    cards,
  }));
}

/** Random valid fleets; several entries of each kind, scarce, ample or no capacity. */
export const fleets: fc.Arbitrary<Fleet> = raw.map((drawn) => {
  const gpus = drawn.accelerators.map(({ power, ...rest }, i) =>
    defined({ name: `gpu-${i}`, ...rest, power: power && defined(power) }),
  ) as Accelerator[];
  const models: Model[] = drawn.models.map((entries, i) => ({
    name: `model-${i}`,
    profiles: uniqueBy(
      entries.map(({ accelerator, named, ...rest }, k) =>
        defined({
          ...rest,
          accelerator: pick(gpus, accelerator).name,
          variant: named ? `variant-${k}` : undefined,
        }),
      ) as Profile[],
      nameOf,
    ),
  }));
  const serviceClasses: ServiceClass[] = drawn.classes.map(({ priority, targets }, i) => ({
    name: `class-${i}`,
    priority,
    targets: models.map(({ name }) => ({ model: name, ...defined(targets) })),
  }));
  return defined({
    accelerators: gpus,
    capacity: drawn.capacity && { ...drawn.capacity },
    models,
    serviceClasses,
    quotas: drawn.quotas && quotasOf(drawn.quotas, gpus, serviceClasses, drawn.servers.length),
    servers: drawn.servers.map(({ current, ...rest }, i): Server => {
      const model = pick(models, rest.model);
      const variants = [...model.profiles.map(nameOf), RETIRED];
      return defined({
        ...rest,
        name: `server-${i}`,
        model: model.name,
        serviceClass: pick(serviceClasses, rest.serviceClass).name,
        current:
          current &&
          uniqueBy(
            current.map((entry) => {
              const variant = pick(variants, entry.variant);
              const costPerHour = entry.costPerHour ?? (variant === RETIRED ? 7 : undefined);
              return defined({ ...entry, variant, costPerHour });
            }),
            ({ variant }) => variant,
          ),
      }) as Server;
    }),
  }) as Fleet;
});
