import type { FastifyInstance } from 'fastify';
import { routeSchema } from '../plugins/schemas.ts';
import type { Registry } from '../registry.ts';
import type { SizeRequest } from '../schemas/station.ts';
import { sizeRequest } from '../station-requests.ts';

const schema = routeSchema({
  summary: 'Highest rate of a station within its targets',
  description:
    'The highest rate of one replica at which all targets hold, what binds, and the replicas for a load.',
  tag: 'queueing',
  body: 'SizeRequest',
  answer: 'Sizing',
});

export default async function (app: FastifyInstance, { registry }: { registry: Registry }) {
  app.post<{ Body: SizeRequest }>('/size', { schema }, async (request) =>
    sizeRequest(request.body, registry),
  );
}
