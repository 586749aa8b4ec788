import type { FastifyInstance } from 'fastify';
import { routeSchema } from '../plugins/schemas.ts';
import type { Registry } from '../registry.ts';
import type { AnalyzeRequest } from '../schemas/station.ts';
import { analyzeRequest } from '../station-requests.ts';

const schema = routeSchema({
  summary: 'Latencies of a station',
  description: 'Metrics of one replica at one rate, at a list of rates, or over a range: a curve.',
  tag: 'queueing',
  body: 'AnalyzeRequest',
  answer: 'Analysis',
});

export default async function (app: FastifyInstance, { registry }: { registry: Registry }) {
  app.post<{ Body: AnalyzeRequest }>('/analyze', { schema }, async (request) =>
    analyzeRequest(request.body, registry),
  );
}
