import { Ajv2020 } from 'ajv/dist/2020.js';
import type { FastifyInstance, FastifyServerOptions } from 'fastify';
import type { Test } from 'tap';
import { buildApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { loadRegistry } from '../../src/registry.ts';
import { EXAMPLES } from '../../src/schemas/examples.ts';
import type { Problem } from '../../src/schemas/problem.ts';

type Environment = Readonly<Record<string, string>>;

interface Circumstances {
  readonly environment?: Environment;
  readonly logger?: FastifyServerOptions['logger'];
  /** Adds routes or hooks of a test before the service is ready. */
  readonly prepare?: (app: FastifyInstance) => void;
}

/** The service with its defaults and these variables, however busy the machine is; closed when the test ends. */
export async function service(
  t: Test,
  { environment = {}, logger = false, prepare }: Circumstances = {},
): Promise<FastifyInstance> {
  const config = readConfig({ MAX_EVENT_LOOP_DELAY_MS: '0', ...environment });
  const app = await buildApp(config, await loadRegistry(config.BRAZIER_PLUGINS), logger);
  t.teardown(() => app.close());
  prepare?.(app);
  await app.ready();
  return app;
}

/** The service on a free port of this machine. */
export async function listening(t: Test, circumstances: Circumstances = {}) {
  const app = await service(t, circumstances);
  return { app, url: await app.listen({ host: '127.0.0.1', port: 0 }) };
}

export interface Answer<T> {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly body: T;
}

/** Sends a body, which is JSON already when it is a string or bytes. */
export async function post<T>(app: FastifyInstance, url: string, body: unknown): Promise<Answer<T>> {
  const headers = { 'content-type': 'application/json' };
  const answer = await app.inject({
    method: 'POST',
    url,
    headers,
    payload: Buffer.isBuffer(body) ? body : jsonOf(body),
  });
  return { status: answer.statusCode, headers: answer.headers, text: answer.body, body: answer.json() };
}

/** Infinity is written as a number that JSON can hold but no double: 1e999. */
export function jsonOf(body: unknown): string {
  if (typeof body === 'string') return body;
  const text = JSON.stringify(body, (_key, value) => (value === Number.POSITIVE_INFINITY ? '<huge>' : value));
  return text.replaceAll('"<huge>"', '1e999');
}

/** A copy of an example of the documentation, by address and name. */
export function example(url: keyof typeof EXAMPLES, name: string): unknown {
  const examples: Record<string, { value: unknown }> = EXAMPLES[url];
  return structuredClone(examples[name].value);
}

/** Values to put at JSON Pointers; undefined takes what is there away. */
export type Edits = Readonly<Record<string, unknown>>;

/** A copy of a body with other values at some places. */
export function edited(body: unknown, edits: Edits): unknown {
  const copy = { root: structuredClone(body) };
  for (const [pointer, value] of Object.entries(edits)) {
    const keys = ['root', ...pointer.split('/').slice(1)];
    const last = keys.pop()!;
    let at: Record<string, unknown> = copy;
    for (const key of keys) at = at[key] as Record<string, unknown>;
    if (value === undefined) delete at[last];
    else at[last] = value;
  }
  return copy.root;
}

/** A fault that is expected: its path, and what its sentence says. */
export type Expected = readonly [path: string, says: RegExp];

/** Asserts that a body is refused with these faults and no others. */
export async function refused(
  t: Test,
  app: FastifyInstance,
  url: string,
  body: unknown,
  status: number,
  expected: readonly Expected[],
  claim: string,
): Promise<void> {
  const answer = await post<Problem>(app, url, body);
  const { errors = [] } = answer.body;
  t.equal(answer.status, status, `${claim}: ${status}`);
  t.strictSame(
    errors.map(({ path }) => path).sort(),
    expected.map(([path]) => path).sort(),
    `${claim}: paths`,
  );
  for (const [path, says] of expected) {
    const messages = errors.filter((fault) => fault.path === path).map(({ message }) => message);
    t.ok(
      messages.some((message) => says.test(message)),
      `${claim}: ${says}`,
      { messages },
    );
  }
}

/** The faults of a value against a named schema of the OpenAPI document; none: it is valid. */
export async function answerChecks(
  app: FastifyInstance,
): Promise<(name: string, value: unknown) => unknown[]> {
  const { components } = (await app.openApi()) as { components?: object };
  const ajv = new Ajv2020({ allErrors: true, strict: false });
  ajv.addSchema({ $id: 'api', components });
  return (name, value) => {
    const validate = ajv.getSchema(`api#/components/schemas/${name}`);
    if (!validate) throw new Error(`the document has no schema ${name}`);
    return validate(value) ? [] : (validate.errors ?? []);
  };
}

/** A value at a JSON Pointer; undefined: there is none. */
export function at(value: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .reduce((inside: unknown, key) => (inside as Record<string, unknown> | null | undefined)?.[key], value);
}
