import type { FastifyInstance } from 'fastify';
import plugin from 'fastify-plugin';
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { Plan } from '../schemas/plan.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Counts a plan that is about to be answered. */
    observePlan(plan: Plan): void;
  }
}

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

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

  app.decorate('observePlan', ({ solver, status, servers: planned }: Plan) => {
    optimizations.inc({ solver: solver.name, termination: solver.termination, status });
    solveSeconds.observe({ solver: solver.name }, solver.solveMs / 1000);
    servers.inc(planned.length);
    for (const { shortfall } of planned) if (shortfall) shortfalls.inc({ code: shortfall.code });
  });

  app.addHook('onResponse', async (request, reply) => {
    // An address that no route has is one label, whatever it is: labels must not grow with what clients send.
    const { method } = request;
    const route = request.routeOptions.url ?? 'none';
    requests.inc({ method, route, status: reply.statusCode });
    durations.observe({ method, route }, reply.elapsedTime / 1000);
  });

  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) => {
    return reply.type(register.contentType).send(await register.metrics());
  });
});
