import { setTimeout } from 'node:timers/promises';
import { test } from 'tap';
import { Turns } from '../../src/plugins/turns.ts';

const never = new AbortController().signal;

test('One works at a time, in the order of arrival, whatever becomes of those before', async (t) => {
  const turns = new Turns(10);
  const events: string[] = [];
  const work = (name: string, fails = false) =>
    turns.take(never, async () => {
      events.push(`${name} begins`);
      await setTimeout(2);
      events.push(`${name} ends`);
      if (fails) throw new Error(name);
      return name;
    });
  const results = await Promise.allSettled([work('a'), work('b', true), work('c')]);
  t.same(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  t.same(
    events,
    ['a', 'b', 'c'].flatMap((name) => [`${name} begins`, `${name} ends`]),
  );
  t.equal(await work('d'), 'd');
});

test('What waits leaves the line when it is no longer wanted, and one too many does not get into it', async (t) => {
  const turns = new Turns(1);
  let finish = () => {};
  const first = turns.take(never, () => new Promise<void>((resolve) => (finish = resolve)));
  const stop = new AbortController();
  const second = turns.take(stop.signal, async () => t.fail('it has left'));
  await t.rejects(
    turns.take(never, async () => {}),
    { code: 'unavailable', headers: { 'retry-after': '1' } },
  );
  stop.abort('gone');
  await second.then(
    () => t.fail('it has left'),
    (reason) => t.equal(reason, 'gone'),
  );
  const third = turns.take(never, async () => 'third');
  finish();
  await first;
  t.equal(await third, 'third');
  t.equal(await turns.take(never, async () => 'fourth'), 'fourth');
});
