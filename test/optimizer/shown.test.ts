import fc from 'fast-check';
import { test } from 'tap';
import { shown } from '../../src/optimizer/shown.ts';
import { forAll, forEach } from '../support/properties.ts';
import { logUniform } from '../support/stations.ts';

const plain = (value: number) => String(Number(value.toPrecision(4)));

test('a figure has four significant digits, those nearest to it', async (t) => {
  forAll(t, 'any value', logUniform(1e-6, 1e9), (value) => shown(value) === plain(value), 2_000);
  const halves = fc.record({
    digits: fc.integer({ min: 1_000, max: 9_999 }),
    power: fc.integer({ min: -6, max: 4 }),
  });
  forAll(t, 'halves', halves, ({ digits, power }) => {
    const value = Number(`${digits}5e${power}`);
    return shown(value) === plain(value);
  });
  const special = [
    0,
    -0,
    1,
    -1,
    500,
    9_999,
    10_000,
    12_345,
    -2.5,
    9_999.5,
    0.099_999,
    0.99999,
    99.999,
    1e-9,
    Infinity,
    Number.NaN,
  ];
  forEach(t, 'special values', special, (value) => shown(value) === plain(value));
});
