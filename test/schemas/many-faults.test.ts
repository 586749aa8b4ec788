import { test } from 'tap';
import { DEFAULT_LIMITS } from '../../src/schemas/limits.ts';
import type { Problem } from '../../src/schemas/problem.ts';
import { edited, post, service } from '../support/service.ts';
import { fleet } from './bodies.ts';

const { MAX_SERVERS, MAX_ACCELERATORS } = DEFAULT_LIMITS;

const entries = <T>(count: number, entry: (i: number) => T) =>
  Array.from({ length: count }, (_, i) => entry(i));

const BODIES: Readonly<Record<string, Record<string, unknown>>> = {
  'the same name everywhere': { '/servers': entries(MAX_SERVERS, () => ({ name: 's' })) },
  'a reference to nothing in every server': {
    '/servers': entries(MAX_SERVERS, (i) => ({ name: `s${i}`, model: `m${i}`, serviceClass: `c${i}` })),
  },
  'an unknown field in every server': { '/servers': entries(MAX_SERVERS, () => ({ nme: 1 })) },
  'a wrong load in every server': { '/servers': entries(MAX_SERVERS, (i) => ({ name: `s${i}`, load: 5 })) },
  'a wrong number of cards of every type': {
    '/capacity': Object.fromEntries(entries(20_000, (i) => [`type ${i}`, 'many'])),
  },
  'far more servers than there may be': { '/servers': entries(100_000, () => 5) },
};

// A check whose time grows with the square of the faults would answer nobody else for minutes.
for (const [claim, edits] of Object.entries(BODIES)) {
  test(`A body with ${claim} is refused with a thousand of its faults at most`, async (t) => {
    const app = await service(t);
    const answer = await post<Problem>(app, '/optimize', edited(fleet, edits));
    t.equal(answer.status, claim === 'a reference to nothing in every server' ? 422 : 400);
    t.match(answer.body.detail, /faults were found/);
    t.ok(answer.body.errors.length > 0 && answer.body.errors.length <= 1000, `${answer.body.errors.length}`);
  });
}

test('Long names that are nearly alike are compared in a time that others can wait', async (t) => {
  const app = await service(t);
  const name = (i: number, letter: string) => `${letter.repeat(240)}${i}`;
  const types = entries(MAX_ACCELERATORS, (i) => name(i, 'x'));
  const edits = {
    '/accelerators': types.map((type, i) => ({ name: `a${i}`, type, costPerHour: 1 })),
    '/capacity': Object.fromEntries(entries(1000, (i) => [name(i, 'y'), 1])),
  };
  const answer = await post<Problem>(app, '/optimize', edited(fleet, edits));
  t.equal(answer.status, 422);
  t.match(answer.body.errors[0], { path: '/models/0/profiles/0/accelerator', message: /does not exist/ });
});
