import { test } from 'tap';
import { LevelOverTime } from '../../src/simulator/level-over-time.ts';
import { near } from '../support/properties.ts';
import { seeded } from '../support/random.ts';

test('stretches have the mean of what was there, however often they were joined', async (t) => {
  const { uniform } = seeded(4);
  const over = new LevelOverTime();
  const pieces: { from: number; to: number; level: number }[] = [];
  for (let at = 0; at < 700_000; ) {
    const from = at + (uniform() < 0.3 ? 500 * uniform() : 0);
    const to = from + (uniform() < 0.1 ? 20_000 : 300) * uniform();
    pieces.push({ from, to, level: Math.floor(10 * uniform()) });
    over.add(from, to, pieces[pieces.length - 1].level);
    at = to;
  }
  const until = over.untilMs;
  const areaIn = (from: number, to: number) =>
    pieces.reduce(
      (sum, piece) => sum + piece.level * Math.max(0, Math.min(to, piece.to) - Math.max(from, piece.from)),
      0,
    );
  const width = over.widthMs;
  t.equal(width, 8000, '128 stretches of 8 s hold 700 s, of 4 s they do not');
  const levels = over.levels(until);
  t.equal(levels.length, Math.ceil(until / width));
  t.doesNotThrow(() => {
    for (const [i, level] of levels.entries()) {
      const to = Math.min(until, (i + 1) * width);
      near(level, areaIn(i * width, to) / (to - i * width), 1e-6, 1e-6, `stretch ${i}`);
    }
  });
  t.doesNotThrow(() => near(over.area, areaIn(0, until), 1e-9, 0, 'area'));
  const joined = over.levels(until, 16_000);
  t.doesNotThrow(() => near(joined[3], areaIn(48_000, 64_000) / 16_000, 1e-6, 0, 'of twice the width'));
});
