import fc from 'fast-check';
import type { Test } from 'tap';
import type { QueueModel } from '../../src/queueing/queue-model.ts';
import { measuredStations } from '../support/stations.ts';
import { isIndependent } from './conformance-independence.ts';
import { keepsTheLaws } from './conformance-laws.ts';
import { tellsPercentilesWell } from './conformance-percentiles.ts';
import { searchesWork } from './conformance-searches.ts';
import { keepsSilent } from './conformance-silent.ts';
import { tried } from './conformance-tried.ts';

/**
 * What every queue model must keep: the reference model, any of ours, any of a user's.
 *
 * @param options with which it takes little time
 */
export function conforms(t: Test, model: QueueModel, options?: object) {
  const trial = tried(model, options);
  isIndependent(t, trial);
  const [station] = fc.sample(measuredStations, { seed: 1, numRuns: 1 });
  if (trial.prepare(station).tellsLatencies === false) {
    keepsSilent(t, trial);
    return;
  }
  keepsTheLaws(t, trial);
  searchesWork(t, trial);
  tellsPercentilesWell(t, trial);
}
