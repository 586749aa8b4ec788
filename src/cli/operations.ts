import { optimizeRequest } from '../optimize-request.ts';
import { loadRegistry, type Registry } from '../registry.ts';
import { type RequestName, requestChecks } from '../schemas/checker.ts';
import type { OptimizeRequest, Plan } from '../schemas/plan.ts';
import type { Problem } from '../schemas/problem.ts';
import type {
  Analysis,
  AnalyzeRequest,
  Concurrency,
  ConcurrencyRequest,
  SizeRequest,
  Sizing,
} from '../schemas/station.ts';
import { analyzeRequest, concurrencyRequest, sizeRequest } from '../station-requests.ts';
import { InputError } from './input.ts';

interface Operation<Request, Answer> {
  readonly request: RequestName;
  readonly path: string;
  readonly answer: (request: Request, registry: Registry) => Answer;
}

export const OPTIMIZE: Operation<OptimizeRequest, Plan> = {
  request: 'OptimizeRequest',
  path: '/optimize',
  answer: optimizeRequest,
};
export const ANALYZE: Operation<AnalyzeRequest, Analysis> = {
  request: 'AnalyzeRequest',
  path: '/analyze',
  answer: analyzeRequest,
};
export const SIZE: Operation<SizeRequest, Sizing> = {
  request: 'SizeRequest',
  path: '/size',
  answer: sizeRequest,
};
export const CONCURRENCY: Operation<ConcurrencyRequest, Concurrency> = {
  request: 'ConcurrencyRequest',
  path: '/concurrency',
  answer: concurrencyRequest,
};

/**
 * Has a request answered: by a running service where a URL is given, else in place, with the same checks.
 *
 * @param source the file that the request came from, for messages
 * @throws InputError with every fault, or when the service cannot be reached
 */
export async function perform<Request, Answer>(
  operation: Operation<Request, Answer>,
  request: unknown,
  source: string,
  server: string | undefined,
): Promise<Answer> {
  if (server !== undefined) return post(`${server.replace(/\/$/, '')}${operation.path}`, request, source);
  const registry = await loadRegistry(process.env.BRAZIER_PLUGINS);
  const faults = requestChecks(registry)[operation.request](request);
  if (faults.length > 0) throw InputError.ofFaults(source, countOf(faults.length), faults);
  return operation.answer(request as Request, registry);
}

async function post<Answer>(url: string, request: unknown, source: string): Promise<Answer> {
  const token = process.env.BRAZIER_TOKEN;
  let response: Response;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(request),
    });
  } catch (error) {
    const { cause, message } = error as Error;
    throw new InputError(`${url} cannot be reached: ${cause instanceof Error ? cause.message : message}`);
  }
  const answer = await response.json().catch(() => undefined);
  if (response.ok && answer !== undefined) return answer as Answer;
  const problem = answer as Partial<Problem> | undefined;
  if (!problem?.errors) throw new InputError(`${url} answered ${response.status} ${response.statusText}`);
  if (problem.errors.length === 0) throw new InputError(`${url}: ${problem.title}: ${problem.detail}`);
  throw InputError.ofFaults(source, countOf(problem.errors.length), problem.errors);
}

function countOf(faults: number): string {
  return faults === 1 ? 'one fault' : `${faults} faults`;
}
