import type { FastifyInstance } from 'fastify';
import { routeSchema } from '../plugins/schemas.ts';
import type { Registry } from '../registry.ts';
import type { ConcurrencyRequest } from '../schemas/station.ts';
import { concurrencyRequest } from '../station-requests.ts';

const schema = routeSchema({
  summary: 'A small batch limit with near-peak throughput',
  description:
    'A small batch limit whose sized throughput is within 1 % of that at the ceiling, `maxBatchSize` of the station.',
  tag: 'queueing',
  body: 'ConcurrencyRequest',
  answer: 'Concurrency',
});

export default async function (app: FastifyInstance, { registry }: { registry: Registry }) {
  app.post<{ Body: ConcurrencyRequest }>('/concurrency', { schema }, async (request) =>
    concurrencyRequest(request.body, registry),
  );
}
