import { PassThrough } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { test } from 'tap';
import { progressBar } from '../../src/cli/progress-bar.ts';

function stream(isTTY: boolean) {
  let written = '';
  const out = new PassThrough();
  out.on('data', (chunk) => {
    written += chunk;
  });
  return { out: Object.assign(out, { isTTY }), written: () => written };
}

test('a bar appears on a terminal when the work lasts, and goes when it is done', async (t) => {
  const { out, written } = stream(true);
  const bar = await progressBar('fitting', out);
  bar.update(0.1);
  t.equal(written(), '', 'not at once');
  await setTimeout(350);
  bar.update(0.5);
  t.match(written(), /fitting █+░+ 50 %/);
  bar.stop();
  t.ok(written().endsWith('\u001b[2K'), 'the line is cleared at the end');
});

test('there is none where nobody watches, and none for quick work', async (t) => {
  for (const [isTTY, wait] of [
    [false, 350],
    [true, 0],
  ] as const) {
    const { out, written } = stream(isTTY);
    const bar = await progressBar('fitting', out);
    await setTimeout(wait);
    bar.update(0.5);
    bar.stop();
    t.equal(written(), '');
  }
});
