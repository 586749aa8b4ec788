import { ApiError } from '../errors.ts';
import type { Operation, Prepared, Progress } from '../operations/operation.ts';
import { OPERATIONS, type OperationName } from '../operations/operations.ts';
import { loadRegistry, type Registry } from '../registry.ts';
import { requestChecks } from '../schemas/checker.ts';
import type { Problem } from '../schemas/problem.ts';
import { toldBy } from './event-answer.ts';
import { countOf, InputError } from './input.ts';

/** What an operation answers. */
type AnswerOf<Name extends OperationName> =
  (typeof OPERATIONS)[Name] extends Operation<infer _Request, infer Answer> ? Answer : never;

/**
 * Has a request answered: by a running service where a URL is given, else in place, with the same checks.
 *
 * @param source the file that the request came from, for messages
 * @param progress called with the share that is done, where it is done here or the service tells it
 * @throws InputError with every fault, or when the service cannot be reached
 */
export async function perform<Name extends OperationName>(
  name: Name,
  request: unknown,
  source: string,
  server: string | undefined,
  progress?: Progress,
): Promise<AnswerOf<Name>> {
  const operation = OPERATIONS[name] as unknown as Operation<unknown, AnswerOf<Name>>;
  if (server !== undefined) {
    return post(`${server.replace(/\/$/, '')}${operation.path}`, request, source, progress);
  }
  const registry = await loadRegistry(process.env.BRAZIER_PLUGINS);
  const faults = requestChecks(registry)[operation.request](request);
  if (faults.length > 0) throw InputError.ofFaults(source, countOf(faults.length), faults);
  const prepared = preparedFor(operation, request, registry, source);
  try {
    await prepared.load?.();
  } catch (error) {
    throw new InputError((error as Error).message);
  }
  return prepared.perform(progress).answer;
}

/** Some faults are found only where a request is prepared. */
function preparedFor<Answer>(
  operation: Operation<unknown, Answer>,
  request: unknown,
  registry: Registry,
  source: string,
): Prepared<Answer> {
  try {
    return operation.prepare(request, registry);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw InputError.ofFaults(source, countOf(error.faults.length), error.faults);
  }
}

async function post<Answer>(
  url: string,
  request: unknown,
  source: string,
  progress?: Progress,
): Promise<Answer> {
  const token = process.env.BRAZIER_TOKEN;
  let response: Response;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        // Services that tell how far they are do so by events.
        ...(progress && { accept: 'text/event-stream, application/json' }),
        ...(token && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(request),
    });
  } catch (error) {
    const { cause, message } = error as Error;
    throw new InputError(`${url} cannot be reached: ${cause instanceof Error ? cause.message : message}`);
  }
  const told = await toldBy(response, progress);
  if (told.isAnswer) return told.body as Answer;
  const problem = told.body as Partial<Problem> | undefined;
  if (!problem?.errors) throw new InputError(`${url} answered ${response.status} ${response.statusText}`);
  if (response.status === 401) {
    throw new InputError(`${url}: ${problem.title}: set BRAZIER_TOKEN to one of the tokens of this service.`);
  }
  if (problem.errors.length === 0) throw new InputError(`${url}: ${problem.title}: ${problem.detail}`);
  throw InputError.ofFaults(source, countOf(problem.errors.length), problem.errors);
}
