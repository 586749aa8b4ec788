import fc from 'fast-check';
import type { Test } from 'tap';
import type { QueueModel } from '../../src/queueing/queue-model.ts';
import { measuredStations } from '../support/stations.ts';
import { isIndependent } from './conformance-independence.ts';
import { keepsTheLaws } from './conformance-laws.ts';
import { tellsPercentilesWell } from './conformance-percentiles.ts';
import { searchesWork } from './conformance-searches.ts';
import { keepsSilent } from './conformance-silent.ts';

/** What every queue model must keep: the reference model, any of ours, any of a user's. */
export function conforms(t: Test, model: QueueModel) {
  isIndependent(t, model);
  const [station] = fc.sample(measuredStations, { seed: 1, numRuns: 1 });
  if (model.prepare(station, {}).tellsLatencies === false) {
    keepsSilent(t, model);
    return;
  }
  keepsTheLaws(t, model);
  searchesWork(t, model);
  tellsPercentilesWell(t, model);
}
