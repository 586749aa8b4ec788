import type { FastifyInstance } from 'fastify';
import { routeSchema } from '../plugins/schemas.ts';

const schema = routeSchema({
  summary: 'What happens to every single request, simulated',
  description:
    'A station, pools that share a load, or every server of a plan under its load: percentiles with confidence intervals, throughput, losses, utilization over time. Iteration by iteration, with continuous batching and chunked prefill. The same seed gives the same answer. With `Accept: text/event-stream` it tells how far it is; when the client goes, it stops.',
  tag: 'simulation',
  body: 'SimulateRequest',
  answer: 'SimulateAnswer',
  events:
    'Server-sent events: `progress` (`{ "share": 0.4 }`) again and again, then `answer` (the JSON) or `error` (a problem). A request that is refused is answered with its status, without events.',
});

export default async function (app: FastifyInstance) {
  app.post('/simulate', { schema }, (request, reply) => app.answerWithProgress('simulate', request, reply));
}
