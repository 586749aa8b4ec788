import { test } from 'tap';
import type { Problem } from '../../src/schemas/problem.ts';
import { answerChecks, example, post, service } from '../support/service.ts';

const analysis = JSON.stringify(example('/analyze', 'one rate'));
const nested = (open: string, close: string, levels = 200_000) => open.repeat(levels) + close.repeat(levels);

const UNREADABLE: readonly (readonly [claim: string, body: string, says: RegExp])[] = [
  ['empty', '', /is empty; send JSON/],
  ['blank', '  ', /cannot be read as JSON/],
  ['broken', '{"station": ', /cannot be read as JSON/],
  ['a comma too many', '{"a": 1,}', /cannot be read as JSON/],
  ['two values', '{} {}', /cannot be read as JSON/],
  ['NaN', '{"requestsPerSec": NaN}', /cannot be read as JSON/],
  ['a comment', '{} // none', /cannot be read as JSON/],
  ['200,000 brackets that are never closed', '['.repeat(200_000), /cannot be read as JSON/],
];

const REACHING: readonly (readonly [claim: string, body: string, says: RegExp])[] = [
  ['a prototype', '{"__proto__": {"isAdmin": true}}', /forbidden/],
  ['an escaped prototype', '{"\\u005f_proto__": {"isAdmin": true}}', /forbidden/],
  ['a prototype deep inside', '{"station": {"serviceTime": {"__proto__": 1}}}', /forbidden/],
  ['a constructor', '{"constructor": {"prototype": {"isAdmin": true}}}', /forbidden/],
];

test('A body that is not UTF-8 is refused, and one with a byte order mark is read', async (t) => {
  const app = await service(t);
  const named = Buffer.from(analysis.replace('{', '{"name": "\u00e9",'));
  const latin = Buffer.from(named.toString(), 'latin1');
  const answer = await post<Problem>(app, '/analyze', latin);
  t.equal(answer.status, 400);
  t.match(answer.body.errors, [{ path: '', message: /is not UTF-8/ }]);
  t.equal((await post(app, '/analyze', Buffer.from(`\ufeff${analysis}`))).status, 200);
});

test('A body that is no JSON, or that reaches for prototypes, is malformed', async (t) => {
  const app = await service(t);
  const faultsOf = await answerChecks(app);
  const foreign = UNREADABLE.map((one) => ['/inferno/optimizeOne', ...one] as const);
  const ours = [...UNREADABLE, ...REACHING].map((one) => ['/analyze', ...one] as const);
  for (const [url, claim, body, says] of [...ours, ...foreign]) {
    const answer = await post<Problem>(app, url, body);
    t.equal(answer.status, 400, `${claim}: 400`);
    t.strictSame(faultsOf('Problem', answer.body), []);
    t.match(answer.body.errors, [{ path: '', message: says }], claim);
  }
  t.notOk('isAdmin' in {}, 'no prototype was touched');
});

test('A foreign form passes over what reaches for prototypes, as over all that it does not know', async (t) => {
  const app = await service(t);
  const url = '/inferno/optimizeOne';
  const system = JSON.stringify(example(url, 'system'));
  const plain = await post(app, url, system);
  for (const [claim, body] of REACHING) {
    t.equal((await post(app, url, body)).status, 400, `${claim}, and nothing else: no system is left`);
    const beside = await post(app, url, `${body.slice(0, -1)},${system.slice(1)}`);
    t.equal(beside.status, 200, `${claim}, beside a system`);
    t.same(beside.body, plain.body, claim);
  }
  t.notOk('isAdmin' in {}, 'no prototype was touched');
});

const DEEP: readonly (readonly [claim: string, url: string, body: string])[] = [
  ['lists', '/optimize', nested('[', ']')],
  ['objects', '/optimize', `${nested('{"a":', '', 100_000)}1${'}'.repeat(100_000)}`],
  ['a list in a field', '/analyze', `{"station": ${nested('[', ']')}}`],
  ['beside a forbidden word', '/analyze', `{"a": "\\"__proto__\\":", "b": ${nested('[', ']')}}`],
  ['beside another forbidden word', '/analyze', `{"a": {"constructor": 1}, "b": ${nested('[', ']')}}`],
  ['lists for llm-inferno', '/inferno/optimizeOne', `{"system": {"serverData": ${nested('[', ']')}}}`],
  ['options', '/optimize', `{"solver": {"name": "greedy", "options": {"x": ${nested('[', ']')}}}}`],
];

test('However deep a body is nested, it is refused with its faults', async (t) => {
  const app = await service(t);
  for (const [claim, url, body] of DEEP) {
    const answer = await post<Problem>(app, url, body);
    t.equal(answer.status, 400, claim);
    t.ok(answer.body.errors.length > 0, `${claim}: named`);
  }
});

test('A field named constructor is an unknown field like any other', async (t) => {
  const app = await service(t);
  for (const key of ['constructor', 'toString', 'hasOwnProperty', 'prototype']) {
    const body = `{"${key}": 1, ${analysis.slice(1)}`;
    const answer = await post<Problem>(app, '/analyze', body);
    t.equal(answer.status, 400);
    t.match(answer.body.errors, [{ path: `/${key}`, message: /is not a field of AnalyzeRequest/ }]);
  }
});

const MEDIA = [
  ['application/json', 200],
  ['application/json; charset=utf-8', 200],
  ['APPLICATION/JSON;charset="UTF-8"', 200],
  ['application/jsonx', 415],
  ['application/problem+json', 415],
  ['text/json', 415],
  ['text/plain', 415],
  ['application/x-www-form-urlencoded', 415],
  ['multipart/form-data; boundary=x', 415],
  ['application/json, text/plain', 415],
  ['json', 415],
  ['', 415],
  [undefined, 415],
] as const;

test('A body must say that it is JSON', async (t) => {
  const app = await service(t);
  for (const [type, status] of MEDIA) {
    const headers = type === undefined ? {} : { 'content-type': type };
    const answer = await app.inject({ method: 'POST', url: '/analyze', headers, payload: analysis });
    t.equal(answer.statusCode, status, `${type}: ${status}`);
    if (status === 415) t.match(answer.json<Problem>().detail, 'application/json');
  }
});

test('Bytes that are another encoding are not read as if they were UTF-8', async (t) => {
  const app = await service(t);
  const headers = { 'content-type': 'application/json; charset=utf-16le' };
  const payload = Buffer.from(analysis, 'utf16le');
  const answer = await app.inject({ method: 'POST', url: '/analyze', headers, payload });
  t.ok([400, 415].includes(answer.statusCode), String(answer.statusCode));
});

test('A byte order mark before the body does no harm', async (t) => {
  const app = await service(t);
  t.equal((await post(app, '/analyze', `\ufeff${analysis}`)).status, 200);
});

test('A body in an encoding is refused as what is not understood', async (t) => {
  const app = await service(t);
  const faultsOf = await answerChecks(app);
  const sent = (encoding: string) =>
    app.inject({
      method: 'POST',
      url: '/analyze',
      payload: analysis,
      headers: { 'content-type': 'application/json', 'content-encoding': encoding },
    });
  const refused = await sent('gzip');
  t.equal(refused.statusCode, 415);
  t.strictSame(faultsOf('Problem', refused.json()), []);
  t.match(refused.json<Problem>().detail, /encoding gzip/);
  t.equal((await sent('identity')).statusCode, 200);
});
