import { Answerer } from '../src/operations/answerer.ts';
import { LIGHT_EFFORT, OPERATIONS } from '../src/operations/operations.ts';
import type { Registry } from '../src/registry.ts';
import { DEFAULT_LIMITS } from '../src/schemas/limits.ts';
import type { OptimizeRequest } from '../src/schemas/plan.ts';
import { WorkerPool } from '../src/workers/pool.ts';
import { fleetOf } from './fleets.ts';
import { median, type Section } from './rows.ts';

const SERVERS = [5, 20, 40, 80, 160, 640];
const LIMITS = { workers: 1, requestsPerWorker: 1, queueLength: 1, memoryMib: 512 };
const SILENT = { waited: () => {}, lost: () => {}, failed: () => {} };

/**
 * From where on a request is better off in a worker: bodies answered in place and in a worker thread, alternately. In place they cost
 * everybody their time; in a worker the way there and back is added to each.
 */
export async function boundary(registry: Registry): Promise<Section> {
  const answerer = new Answerer(registry, DEFAULT_LIMITS);
  const pool = new WorkerPool(LIMITS, { pluginDirectory: '', limits: DEFAULT_LIMITS }, SILENT);
  const { signal } = new AbortController();
  const rows: Section['rows'][number][] = [];
  for (const servers of SERVERS) {
    const fleet = fleetOf(servers) as OptimizeRequest;
    const bytes = Buffer.from(JSON.stringify(fleet));
    const { effort } = OPERATIONS.optimize.prepare(fleet, registry);
    const inPlace: number[] = [];
    const inWorker: number[] = [];
    for (let i = 0; i < 60; i++) {
      const start = performance.now();
      answerer.answerLightly('optimize', bytes, Number.POSITIVE_INFINITY);
      const between = performance.now();
      await pool.run({ operation: 'optimize', bytes }, signal);
      inPlace.push(between - start);
      inWorker.push(performance.now() - between);
    }
    const kilobytes = (bytes.length / 1024).toFixed(0);
    const what = `${kilobytes} KiB, effort ${effort > LIGHT_EFFORT ? 'heavy' : effort.toFixed(0)}`;
    rows.push({ what: `${what}, in place`, ms: median(inPlace.slice(10)), ratio: null });
    rows.push({ what: `${what}, in a worker`, ms: median(inWorker.slice(10)), ratio: null });
  }
  await pool.close();
  return { rows, figures: [] };
}
