import { type InputFault, MAX_FAULTS } from './schemas/faults.ts';
import type { Fault, Problem } from './schemas/problem.ts';

/** Every way in which a request can fail. */
const PROBLEMS = {
  'malformed-input': { status: 400, title: 'The input is malformed' },
  'bad-request': { status: 400, title: 'Bad request' },
  unauthorized: { status: 401, title: 'Not authorized' },
  'not-found': { status: 404, title: 'Not found' },
  'method-not-allowed': { status: 405, title: 'Method not allowed' },
  'request-timeout': { status: 408, title: 'Request timeout' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'wrong-content-type': { status: 415, title: 'The content type is not understood' },
  'meaningless-input': { status: 422, title: 'The input makes no sense' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  'headers-too-large': { status: 431, title: 'The headers are too large' },
  /** Nobody reads the answer; the status is for the log and the metrics. */
  'client-gone': { status: 499, title: 'The client is gone' },
  internal: { status: 500, title: 'Internal error' },
  unavailable: { status: 503, title: 'Not available now' },
  'time-limit': { status: 504, title: 'Past the time limit' },
} as const;

export type ProblemCode = keyof typeof PROBLEMS;

/** A failure that its message tells whole: the one who started the program can mend it. */
export class UserError extends Error {}

/** A failure that the client is told about. */
export class ApiError extends Error {
  readonly code: ProblemCode;
  readonly faults: readonly Fault[];
  /** What the answer's head says besides. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: ProblemCode,
    detail: string,
    faults: readonly Fault[] = [],
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
    this.code = code;
    this.faults = faults;
    this.headers = headers;
  }

  get status(): number {
    return PROBLEMS[this.code].status;
  }

  /** The error that faults of the input amount to: malformed where a schema refuses something, else meaningless. */
  static ofFaults(faults: readonly InputFault[]): ApiError {
    const code = faults.some(({ kind }) => kind === 'form') ? 'malformed-input' : 'meaningless-input';
    const listed = faults.slice(0, MAX_FAULTS).map(({ path, message }) => ({ path, message }));
    const count =
      faults.length < MAX_FAULTS ? `${faults.length} faults were` : `More than ${MAX_FAULTS - 1} faults were`;
    return new ApiError(code, faults.length === 1 ? 'One fault was found.' : `${count} found.`, listed);
  }

  toProblem(instance: string): Problem {
    const { status, title } = PROBLEMS[this.code];
    const type = `urn:brazier:problem:${this.code}`;
    return { type, title, status, detail: this.message, instance, errors: [...this.faults] };
  }
}
