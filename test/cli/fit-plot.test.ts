import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'tap';
import { fitSvg } from '../../src/cli/fit-plot.ts';
import type { FitAnswer } from '../../src/schemas/fit.ts';
import { launched, skippedWithoutChromium } from '../support/chromium.ts';
import { brazier, PACKAGE_FOLDER } from '../support/command.ts';

const folder = await mkdtemp(join(tmpdir(), 'brazier-'));
const SWEEPS = ['256-128', '1024-256', '3000-512'].map((name) =>
  join(PACKAGE_FOLDER, 'examples', `sweep-${name}.json`),
);
const plot = join(folder, 'fit.svg');
const drawn = await brazier([
  'fit',
  ...SWEEPS,
  '--batch',
  '128',
  '--model',
  'a<b',
  '--format',
  'json',
  '--plot',
  plot,
]);
const answer = JSON.parse(drawn.stdout) as FitAnswer;
const labels = answer.points.map(({ report }) => `report ${report}`);

test('the plot has a mark in each panel for every point, those left out as crosses', async (t) => {
  t.equal(drawn.stderr, `wrote ${plot}\n`);
  const svg = await readFile(plot, 'utf8');
  t.match(svg, /^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  const predicted = answer.points.filter((point) => point.predicted);
  const counted = predicted.filter(({ leftOut }) => leftOut === null).length;
  const legend = SWEEPS.length;
  t.equal(svg.match(/<circle /g)?.length, 4 * counted + legend);
  t.equal(svg.match(/<path stroke="#[^"]+"[^>]*transform/g)?.length, 4 * (predicted.length - counted));
  for (const text of [
    'sweep-256-128',
    'measured TTFT (ms) →',
    'left out of the fit',
    'TTFT: mean error',
    'a&lt;b: predicted',
  ])
    t.ok(svg.includes(text), text);
});

test('nothing to draw, one point and a thousand reports give a picture too', async (t) => {
  const silent = answer.points.map((point) => ({ ...point, predicted: null, errors: null }));
  t.match(fitSvg({ ...answer, points: silent }, labels, undefined), 'The queue model tells no TTFT.');
  const [one] = answer.points;
  t.notMatch(fitSvg({ ...answer, points: [one] }, ['one'], undefined), 'NaN');
  const many = Array.from({ length: 1000 }, (_, i) => `report ${i}`);
  const svg = fitSvg({ ...answer, points: many.map(() => one) }, many, undefined);
  t.match(svg, '>and 960 more<');
  t.notMatch(svg, 'NaN');
});

test('in a browser no label runs into another, and none leaves the picture', {
  skip: skippedWithoutChromium,
}, async (t) => {
  const page = await (await launched(t)).newPage({ viewport: { width: 1100, height: 1100 } });
  await page.goto(`file://${plot}`);
  const boxes = await page.locator('text').evaluateAll((texts) =>
    texts.flatMap((text) => {
      const { x, y, width, height } = (
        text as unknown as { getBoundingClientRect(): DOMRectLike }
      ).getBoundingClientRect();
      const content = text.textContent ?? '';
      return content.trim() === '' ? [] : [{ content, x, y, width, height }];
    }),
  );
  t.ok(boxes.length > 40);
  const overlaps = boxes.flatMap((a, i) =>
    boxes
      .slice(i + 1)
      .flatMap((b) =>
        a.x < b.x + b.width - 1 &&
        b.x < a.x + a.width - 1 &&
        a.y < b.y + b.height - 1 &&
        b.y < a.y + a.height - 1
          ? [`${a.content} / ${b.content}`]
          : [],
      ),
  );
  t.same(overlaps, []);
  t.ok(boxes.every(({ x, y, width, height }) => x >= 0 && y >= 0 && x + width <= 1080 && y + height <= 1100));
});

interface DOMRectLike {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
