import { availableParallelism } from 'node:os';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import plugin from 'fastify-plugin';
import { type Config, limitsOf } from '../config.ts';
import { ApiError } from '../errors.ts';
import { Answerer, type Outcome } from '../operations/answerer.ts';
import type { Progress } from '../operations/operation.ts';
import { LIGHT_EFFORT, type OperationName } from '../operations/operations.ts';
import type { Registry } from '../registry.ts';
import { PoolFullError, WorkerDiedError, WorkerPool } from '../workers/pool.ts';
import type { Task } from '../workers/worker.ts';
import { takesGzip } from './compression.ts';
import { instanceOf, loggedError } from './error-handling.ts';
import { EVENT_HEADERS, EventStream, prefersEvents } from './event-stream.ts';
import { LIGHT_BYTES } from './json.ts';
import type { Turns } from './turns.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Answers a posted body: here if it is light, else in a worker thread. */
    answer(
      operation: OperationName,
      request: FastifyRequest,
      reply: FastifyReply,
      memory?: Memory,
    ): Promise<FastifyReply>;
    /** The same in a worker; who asks for server-sent events is told how far it is. */
    answerWithProgress(
      operation: OperationName,
      request: FastifyRequest,
      reply: FastifyReply,
    ): Promise<FastifyReply>;
  }
}

/** What outlives a request, for operations that need it. */
export interface Memory {
  /** What the operation is to know: plain data. */
  known(): unknown;
  /** What it has learnt is kept, one request after the other; absent: it learns nothing. Such an operation is heavy. */
  readonly learning?: { readonly turns: Turns; keep(learnt: unknown): void };
}

const TIME_LIMIT = 'time-limit';
const CLIENT_GONE = 'client-gone';

/** Light requests are answered on this thread, heavy ones by workers: bounded in number, time and memory. */
export default plugin(
  async (app: FastifyInstance, { config, registry }: { config: Config; registry: Registry }) => {
    const answerer = new Answerer(registry, limitsOf(config));
    const pool = new WorkerPool(
      {
        workers: config.WORKERS || Math.min(8, availableParallelism()),
        warmWorkers: config.WARM_WORKERS,
        requestsPerWorker: config.REQUESTS_PER_WORKER,
        queueLength: config.QUEUE_LENGTH,
        memoryMib: config.WORKER_MEMORY_MIB,
      },
      { pluginDirectory: config.BRAZIER_PLUGINS, limits: limitsOf(config) },
      {
        waited: (seconds) => app.heavyWait.observe(seconds),
        lost: (cause) => app.workerRestarts.inc({ cause }),
        failed: (error) => app.log.error({ err: error }, 'a worker thread failed'),
      },
    );
    app.watchPool(pool);
    app.addHook('onClose', () => pool.close());

    /** Has a body answered by a worker; when `signal` aborts nothing is kept of it. */
    const inWorker = async (
      { operation, bytes, gzip = false }: Pick<Task, 'operation' | 'bytes' | 'gzip'>,
      signal: AbortSignal,
      memory?: Memory,
      progress?: Progress,
    ) => {
      const task = { operation, bytes, gzip, ...(memory && { known: memory.known() }) };
      const outcome = await pool.run(task, signal, progress).catch((error) => {
        if (!(error instanceof WorkerDiedError)) throw error;
        return pool.run({ ...task, fallback: true }, signal, progress);
      });
      if (outcome.kind !== 'heavy' && outcome.learnt !== undefined) memory?.learning?.keep(outcome.learnt);
      return outcome;
    };

    /** Waiting included, it has so much time, and ends when the client is gone. */
    const withinLimits = async (reply: FastifyReply, work: (signal: AbortSignal) => Promise<Outcome>) => {
      const stop = new AbortController();
      const timer = setTimeout(() => stop.abort(TIME_LIMIT), config.TIME_LIMIT_MS);
      const leave = () => stop.abort(CLIENT_GONE);
      reply.raw.once('close', leave);
      try {
        const outcome = await work(stop.signal);
        app.heavyRequests.inc({ outcome: 'answered' });
        return outcome;
      } catch (error) {
        const failure = failureOf(error, config);
        app.heavyRequests.inc({ outcome: failure.outcome });
        throw failure.error;
      } finally {
        clearTimeout(timer);
        reply.raw.off('close', leave);
      }
    };

    app.decorate('answer', async (operation, request, reply, memory) => {
      const bytes = bytesOf(request);
      let outcome: Outcome =
        bytes.length > LIGHT_BYTES
          ? { kind: 'heavy' }
          : answerer.answerLightly(operation, bytes, LIGHT_EFFORT, memory?.known());
      if (outcome.kind === 'heavy') {
        outcome = await withinLimits(reply, (signal) => {
          const work = () => inWorker({ operation, bytes, gzip: takesGzip(request) }, signal, memory);
          return memory?.learning ? memory.learning.turns.take(signal, work) : work();
        });
      }
      if (outcome.kind !== 'answered') throw refusalOf(outcome);
      if (outcome.plan) app.observePlan(outcome.plan);
      if (outcome.isGzip) reply.headers({ 'content-encoding': 'gzip', vary: 'accept-encoding' });
      return reply.type('application/json; charset=utf-8').send(bufferOf(outcome.body));
    });

    app.decorate('answerWithProgress', async (operation, request, reply) => {
      if (!prefersEvents(request.headers.accept)) return app.answer(operation, request, reply);
      const events = new EventStream();
      const outcome = withinLimits(reply, (signal) =>
        inWorker({ operation, bytes: bytesOf(request) }, signal, undefined, (share) =>
          events.progress(share),
        ),
      ).then((told) => {
        if (told.kind !== 'answered') throw refusalOf(told);
        if (told.plan) app.observePlan(told.plan);
        return bufferOf(told.body);
      });
      // Until something has been sent, a failure is answered as any other: with its status.
      await Promise.race([events.begun, outcome]);
      outcome.then(
        (body) => events.answer(body),
        (error) => events.error(loggedError(error, request).toProblem(instanceOf(request))),
      );
      return reply.headers(EVENT_HEADERS).send(events.stream);
    });
  },
);

function bytesOf(request: FastifyRequest): Buffer {
  return (request.body as Buffer | undefined) ?? Buffer.alloc(0);
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function refusalOf(outcome: Exclude<Outcome, { kind: 'answered' }>): Error {
  return outcome.kind === 'refused'
    ? new ApiError(outcome.code, outcome.detail, outcome.faults)
    : new Error('a worker thread refused a request as too heavy');
}

/** What the client is told, and how the request is counted. */
function failureOf(error: unknown, config: Config): { outcome: string; error: unknown } {
  if (error === TIME_LIMIT) {
    const detail = `The answer took longer than ${config.TIME_LIMIT_MS} ms (TIME_LIMIT_MS); send a smaller problem, or raise the limit.`;
    return { outcome: TIME_LIMIT, error: new ApiError('time-limit', detail) };
  }
  if (error === CLIENT_GONE) {
    return {
      outcome: CLIENT_GONE,
      error: new ApiError('client-gone', 'The client has closed the connection.'),
    };
  }
  if (error instanceof PoolFullError) {
    const detail = `All workers are busy and ${config.QUEUE_LENGTH} requests wait (QUEUE_LENGTH); try again later.`;
    const headers = { 'retry-after': String(error.retryAfterSec) };
    return { outcome: 'refused', error: new ApiError('unavailable', detail, [], headers) };
  }
  // Its turn did not come: too many wait.
  if (error instanceof ApiError) return { outcome: 'refused', error };
  if (error instanceof WorkerDiedError) {
    const detail = error.isOutOfMemory
      ? `The problem needs more memory than a worker may have (${config.WORKER_MEMORY_MIB} MiB, WORKER_MEMORY_MIB).`
      : 'The worker threads that tried this died, with `greedy` in place of the solver too; other requests are answered.';
    const headers = { 'retry-after': '1' };
    return { outcome: 'worker-died', error: new ApiError('unavailable', detail, [], headers) };
  }
  return { outcome: 'failed', error };
}
