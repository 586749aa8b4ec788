import type { FastifyInstance } from 'fastify';
import plugin from 'fastify-plugin';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { LearnedPairs } from '../inferno/learned-pairs.ts';
import type { PlanSummary } from '../operations/answerer.ts';
import type { WorkerPool } from '../workers/pool.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Counts a plan that is about to be answered. */
    observePlan(plan: PlanSummary): void;
    /** Requests for workers, by what became of them. */
    readonly heavyRequests: Counter<'outcome'>;
    readonly heavyWait: Histogram;
    readonly workerRestarts: Counter<'cause'>;
    /** Shows the workers and the line before them. */
    watchPool(pool: WorkerPool): void;
    /** Shows what the tuner for llm-inferno keeps. */
    watchPairs(pairs: Pick<LearnedPairs, 'size' | 'limit'>): void;
  }
}

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Told from the start, so that a rate is known as soon as there is one. */
const HEAVY_OUTCOMES = ['answered', 'refused', 'time-limit', 'client-gone', 'worker-died', 'failed'] as const;

/** Prometheus metrics of the service, at /metrics. */
export default plugin(async (app: FastifyInstance) => {
  const register = new Registry();
  const registers = [register];
  collectDefaultMetrics({ register });
  const requests = new Counter({
    name: 'brazier_http_requests_total',
    help: 'Requests answered.',
    labelNames: ['method', 'route', 'status'],
    registers,
  });
  const durations = new Histogram({
    name: 'brazier_http_request_duration_seconds',
    help: 'Time from the arrival of a request to the end of its answer.',
    labelNames: ['method', 'route'],
    buckets: SECONDS,
    registers,
  });
  const optimizations = new Counter({
    name: 'brazier_optimizations_total',
    help: 'Plans made, by why the solver stopped and whether all servers are served in full.',
    labelNames: ['solver', 'termination', 'status'],
    registers,
  });
  const servers = new Counter({
    name: 'brazier_servers_optimized_total',
    help: 'Servers in the plans made.',
    registers,
  });
  const shortfalls = new Counter({
    name: 'brazier_shortfalls_total',
    help: 'Servers not served in full, by reason.',
    labelNames: ['code'],
    registers,
  });
  const solveSeconds = new Histogram({
    name: 'brazier_solve_seconds',
    help: 'Time that an optimization took.',
    labelNames: ['solver'],
    buckets: SECONDS,
    registers,
  });

  app.decorate('observePlan', (plan: PlanSummary) => {
    const { solver, termination, status } = plan;
    optimizations.inc({ solver, termination, status });
    solveSeconds.observe({ solver }, plan.solveSec);
    servers.inc(plan.servers);
    for (const [code, count] of Object.entries(plan.shortfalls)) shortfalls.inc({ code }, count);
  });

  const heavyRequests = new Counter({
    name: 'brazier_heavy_requests_total',
    help: 'Requests that went to the workers, by what became of them.',
    labelNames: ['outcome'],
    registers,
  });
  for (const outcome of HEAVY_OUTCOMES) heavyRequests.inc({ outcome }, 0);
  app.decorate('heavyRequests', heavyRequests);
  app.decorate(
    'heavyWait',
    new Histogram({
      name: 'brazier_heavy_wait_seconds',
      help: 'Time that a heavy request waited for a worker.',
      buckets: SECONDS,
      registers,
    }),
  );
  const workerRestarts = new Counter({
    name: 'brazier_worker_restarts_total',
    help: 'Workers that are gone: died by themselves, or stopped together with what they solved.',
    labelNames: ['cause'],
    registers,
  });
  for (const cause of ['died', 'stopped']) workerRestarts.inc({ cause }, 0);
  app.decorate('workerRestarts', workerRestarts);
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  app.decorate('watchPool', (pool: WorkerPool) => {
    gauge('brazier_workers', 'Worker threads that run.', () => pool.threads);
    gauge('brazier_workers_busy', 'Heavy requests that workers hold.', () => pool.running);
    gauge('brazier_workers_limit', 'Heavy requests that workers can hold.', () => pool.places);
    gauge('brazier_queue_length', 'Heavy requests that wait for a worker.', () => pool.waiting);
    gauge('brazier_queue_limit', 'Heavy requests that may wait.', () => pool.queueLength);
  });
  app.decorate('watchPairs', (pairs: Pick<LearnedPairs, 'size' | 'limit'>) => {
    const ofWhat = 'Pairs of model and accelerator that the llm-inferno tuner';
    gauge('brazier_tuner_pairs', `${ofWhat} keeps.`, () => pairs.size);
    gauge('brazier_tuner_pairs_limit', `${ofWhat} keeps at most; 0: it is off.`, () => pairs.limit);
  });

  app.addHook('onResponse', (request, reply, done) => {
    // An address that no route has is one label, whatever it is: labels must not grow with what clients send.
    const { method } = request;
    const route = request.routeOptions.url ?? 'none';
    requests.inc({ method, route, status: reply.statusCode });
    durations.observe({ method, route }, reply.elapsedTime / 1000);
    done();
  });

  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) => {
    return reply.type(register.contentType).send(await register.metrics());
  });
});
