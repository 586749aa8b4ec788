import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { test } from 'tap';
import { PACKAGE_ROOT } from '../src/version.ts';
import { answerChecks, post, service } from './support/service.ts';

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly [keyword: string]: unknown;
}

interface Operation {
  readonly summary?: string;
  readonly requestBody?: {
    readonly content: Record<
      string,
      { schema: Schema; examples?: Record<string, { summary?: string; value: unknown }> }
    >;
  };
  readonly responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
}

interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, Schema> };
}

const PREFIX = '#/components/schemas/';
const nameOf = (ref: string) => ref.slice(PREFIX.length);

/** Every object in a JSON value, with the path to it. */
function* objectsIn(value: unknown, path = ''): Generator<[path: string, object: Schema]> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield [path, value as Schema];
  for (const [key, inside] of Object.entries(value)) yield* objectsIn(inside, `${path}/${key}`);
}

const refsIn = (value: unknown) => [...objectsIn(value)].flatMap(([, { $ref }]) => ($ref ? [$ref] : []));

/** The named schemas that a value refers to, directly or by way of others. */
function reachable(document: Document, value: unknown, found = new Set<string>()): Set<string> {
  for (const name of refsIn(value).map(nameOf)) {
    if (found.has(name)) continue;
    found.add(name);
    reachable(document, document.components.schemas[name], found);
  }
  return found;
}

const requestBodies = ({ paths }: Document) =>
  Object.entries(paths).flatMap(([url, { post: operation }]) => {
    const body = operation?.requestBody?.content['application/json'];
    return body ? [{ url, ...body }] : [];
  });

test('/openapi.json is a valid OpenAPI 3.1 document, and what the service says of itself', async (t) => {
  const app = await service(t);
  const answer = await app.inject('/openapi.json');
  t.match(answer.headers['content-type'], 'application/json');
  t.match(answer.json<Document>().openapi, /^3\.1\.\d+$/);
  t.strictSame(answer.json(), JSON.parse(JSON.stringify(await app.openApi())));
  const { valid, errors } = await new Validator().validate(answer.json());
  t.ok(valid, JSON.stringify(errors));
});

test('Every named schema that is referred to exists, and every one that exists is used', async (t) => {
  const document = (await (await service(t)).openApi()) as Document;
  const names = Object.keys(document.components.schemas);
  t.ok(names.length > 20);
  const refs = refsIn(document);
  t.ok(
    refs.every((ref) => ref.startsWith(PREFIX)),
    'references stay inside the document',
  );
  t.strictSame([...reachable(document, document.paths)].sort(), names.sort());
});

test('Every request has examples, and each is answered 200 as it stands', async (t) => {
  const app = await service(t, { environment: { INFERNO_TUNER_PAIRS: '10' } });
  const faultsOf = await answerChecks(app);
  const document = (await app.openApi()) as Document;
  const bodies = requestBodies(document);
  t.ok(bodies.length >= 5);
  for (const { url, schema, examples = {} } of bodies) {
    t.ok(Object.keys(examples).length > 0, `${url} has examples`);
    for (const [name, { summary, value }] of Object.entries(examples)) {
      t.ok(summary, `${url} ${name} has a summary`);
      t.equal((await post(app, url, value)).status, 200, `${url} ${name}`);
      t.strictSame(faultsOf(nameOf(schema.$ref!), value), [], `${url} ${name} fits the document`);
    }
  }
});

test('Every object of a request refuses unknown fields, those of llm-inferno excepted', async (t) => {
  const document = (await (await service(t)).openApi()) as Document;
  for (const { url, schema } of requestBodies(document)) {
    for (const name of reachable(document, schema)) {
      for (const [path, object] of objectsIn(document.components.schemas[name])) {
        if (object.type !== 'object' || !object.properties) continue;
        const isClosed = object.additionalProperties === false;
        if (isClosed === name.startsWith('Inferno')) t.fail(`${url}: ${name}${path}`);
      }
    }
    t.ok(reachable(document, schema).size > 2, url);
  }
});

test('Every property has a description, its own or that of the schema it refers to', async (t) => {
  const document = (await (await service(t)).openApi()) as Document;
  const described = ({ $ref, description }: Schema) =>
    Boolean(description ?? ($ref && document.components.schemas[nameOf($ref)].description));
  const bare = [...objectsIn({ components: document.components, paths: document.paths })].flatMap(
    ([path, { type, properties = {} }]) =>
      type !== 'object' || path.includes('/examples/')
        ? []
        : Object.entries(properties).flatMap(([name, property]) =>
            described(property) ? [] : [`${path}/${name}`],
          ),
  );
  t.strictSame(bare, []);
});

test('Every operation has a summary, and its failures are problems', async (t) => {
  const { paths } = (await (await service(t)).openApi()) as Document;
  for (const [url, operations] of Object.entries(paths))
    for (const [method, { summary, requestBody, responses }] of Object.entries(operations)) {
      t.ok(summary, `${method} ${url}`);
      const failures = Object.entries(responses).filter(([status]) => status >= '400');
      for (const [status, { content }] of failures)
        t.strictSame(
          content?.['application/problem+json']?.schema,
          { $ref: `${PREFIX}Problem` },
          `${url} ${status}`,
        );
      if (requestBody)
        t.strictSame(
          // What may be switched off is not found then.
          failures.map(([status]) => status).filter((status) => status !== '404'),
          ['400', '401', '413', '415', '422', '429', '500', '503', '504'],
          url,
        );
    }
});

test('The document in the repository is the one that the service serves', async (t) => {
  const app = await service(t);
  const committed = readFileSync(new URL('openapi/brazier.json', PACKAGE_ROOT), 'utf8');
  t.ok(
    committed === `${JSON.stringify(await app.openApi(), null, 2)}\n`,
    'npm run openapi brings it up to date',
  );
});
