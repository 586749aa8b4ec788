import type { Station } from '../../src/schemas/station.ts';
import { sharedJson } from './shared-data.ts';

export const STATIONS_FILE = 'fixtures/queueing/stations.json';

/** Metrics as the reference implementation states them, in single precision. */
export interface ReferenceMetrics {
  readonly inService: number;
  readonly itlMs: number;
  readonly prefillMs: number;
  readonly responseMs: number;
  readonly throughputPerSec: number;
  readonly ttftMs: number;
  readonly utilization: number;
  readonly waitMs: number;
}

export interface ReferenceTargets {
  readonly ttftMs: number;
  readonly itlMs: number;
  readonly tokensPerSec: number;
}

export interface ReferenceStation {
  readonly station: Station;
  readonly maxRatePerSec: number;
  readonly analyze: readonly { readonly requestsPerSec: number; readonly expected: ReferenceMetrics }[];
  readonly size: readonly {
    readonly targets: ReferenceTargets;
    readonly expected: null | {
      readonly at: ReferenceMetrics;
      readonly rateForTtftPerSec: number;
      readonly rateForItlPerSec: number;
      readonly rateForTokensPerSec: number;
    };
  }[];
  readonly concurrency: readonly {
    readonly ceiling: number;
    readonly targets: ReferenceTargets;
    readonly expected: {
      readonly feasible: boolean;
      readonly concurrency: number;
      readonly throughputPerSec: number;
      readonly anchorThroughputPerSec: number;
      readonly itlBracket: number;
      readonly ttftBracket: number;
    };
  }[];
}

type Flat = Omit<Station, 'serviceTime'> & Station['serviceTime'];

export function referenceStations(): ReferenceStation[] {
  const entries =
    sharedJson<(Omit<ReferenceStation, 'station'> & { readonly station: Flat })[]>(STATIONS_FILE);
  return entries.map(({ station, ...answers }) => {
    const { alphaMs, betaMsPerToken, gammaMsPerToken2, ...rest } = station;
    return { station: { serviceTime: { alphaMs, betaMsPerToken, gammaMsPerToken2 }, ...rest }, ...answers };
  });
}
