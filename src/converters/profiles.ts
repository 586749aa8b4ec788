import { type Static, Type } from '#typebox';
import type { RequestSize } from '../schemas/fleet.ts';
import type { MeasuredRate } from '../schemas/model.ts';
import type { OptimizeRequest } from '../schemas/plan.ts';
import { CostPerHour, Name, RequestsPerSec } from '../schemas/quantities.ts';

// The JSON of other optimizers that works with measured rates, as it is in the wild: fields that are of no use here are let through.

const Matrix = Type.Array(Type.Array(Type.Number({ minimum: 0, maximum: 1e6 })), {
  minItems: 1,
  description: 'A row for each length, a number for each other length.',
});

/** The input of Mélange's solver: prompt lengths down, output lengths across; which lengths, it does not tell. */
export const MelangeInput = Type.Object(
  {
    gpu_info: Type.Record(
      Type.String({ minLength: 1, maxLength: 253 }),
      Type.Object({ cost: CostPerHour('Cost per hour.'), tputs: Matrix }),
      { description: 'By GPU: its cost, and what it serves of each bucket (requests/s).' },
    ),
    workload_distribution: Type.Optional(Matrix),
    total_request_rate: Type.Optional(RequestsPerSec('Offered load (requests/s).')),
  },
  { $id: 'MelangeInput', description: 'The input of Mélange.' },
);
export type MelangeInput = Static<typeof MelangeInput>;

/** A profile of AIBrix's GPU optimizer: output lengths down, prompt lengths across, as `indexes` tells. */
export const AibrixProfile = Type.Object(
  {
    gpu: Name('What the profile is of.'),
    cost: CostPerHour('Cost per hour.'),
    tputs: Matrix,
    indexes: Type.Tuple([Type.Array(Type.Number()), Type.Array(Type.Number())], {
      description: 'Output lengths (rows), then prompt lengths (columns).',
    }),
  },
  { $id: 'AibrixProfile', description: 'A profile of AIBrix.' },
);
export type AibrixProfile = Static<typeof AibrixProfile>;

/** How many tokens the rows and the columns of a matrix stand for. */
export interface Lengths {
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/** What their files do not tell. */
export interface Besides {
  readonly model: string;
  /** undefined: as the file says; null where it does not. */
  readonly requestsPerSec: number | undefined;
}

/** A request to `/optimize` that Mélange's input stands for. */
export function fromMelange(
  { gpu_info, workload_distribution, total_request_rate }: MelangeInput,
  lengths: Lengths,
  besides: Besides,
): OptimizeRequest {
  const profiles = Object.entries(gpu_info).map(([gpu, { cost, tputs }]) => ({
    gpu,
    cost,
    throughput: cells(tputs, lengths.inputs, lengths.outputs).map(([inputTokens, outputTokens, rate]) => ({
      inputTokens,
      outputTokens,
      requestsPerSec: rate,
    })),
  }));
  const sizes = cells(workload_distribution ?? [], lengths.inputs, lengths.outputs)
    .filter(([, , share]) => share > 0)
    .map(([inputTokens, outputTokens, share]) => ({ inputTokens, outputTokens, share }));
  return requestOf(profiles, sizes, {
    ...besides,
    requestsPerSec: besides.requestsPerSec ?? total_request_rate,
  });
}

/** A request to `/optimize` that profiles of AIBrix stand for; they tell no load. */
export function fromAibrix(
  given: readonly AibrixProfile[],
  sizes: readonly RequestSize[],
  besides: Besides,
): OptimizeRequest {
  const profiles = given.map(({ gpu, cost, tputs, indexes: [outputs, inputs] }) => ({
    gpu,
    cost,
    throughput: cells(tputs, outputs, inputs).map(([outputTokens, inputTokens, rate]) => ({
      inputTokens,
      outputTokens,
      requestsPerSec: rate,
    })),
  }));
  return requestOf(profiles, sizes, besides);
}

interface GpuProfile {
  readonly gpu: string;
  readonly cost: number;
  readonly throughput: MeasuredRate[];
}

function requestOf(
  profiles: readonly GpuProfile[],
  sizes: readonly RequestSize[],
  { model, requestsPerSec }: Besides,
): OptimizeRequest {
  return {
    accelerators: profiles.map(({ gpu, cost }) => ({ name: gpu, type: gpu, costPerHour: cost })),
    models: [
      { name: model, profiles: profiles.map(({ gpu, throughput }) => ({ accelerator: gpu, throughput })) },
    ],
    serviceClasses: [{ name: 'default', priority: 1, targets: [{ model }] }],
    servers: [
      {
        name: model,
        serviceClass: 'default',
        model,
        load:
          requestsPerSec === undefined || sizes.length === 0 ? null : { requestsPerSec, sizes: [...sizes] },
      },
    ],
    solver: 'mixed',
    queueModel: 'measured',
  };
}

/** Row length, column length and value of each cell. */
function cells(
  matrix: readonly (readonly number[])[],
  rows: readonly number[],
  columns: readonly number[],
): [number, number, number][] {
  return matrix.flatMap((row, i) =>
    row.map((value, j): [number, number, number] => [rows[i], columns[j], value]),
  );
}

/** What is wrong with the form of a matrix: as many rows as there are lengths, as many numbers in each as there are others. */
export function shapeFault(
  matrix: readonly (readonly number[])[],
  rows: readonly number[],
  columns: readonly number[],
): string | undefined {
  if (matrix.length !== rows.length) return `has ${matrix.length} rows for ${rows.length} lengths`;
  const wrong = matrix.findIndex((row) => row.length !== columns.length);
  if (wrong < 0) return undefined;
  return `has ${matrix[wrong].length} numbers in row ${wrong} for ${columns.length} lengths`;
}
