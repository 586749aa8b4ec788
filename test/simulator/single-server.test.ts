import { test } from 'tap';
import { checkCoverage } from '../support/single-server.ts';

// Of 100 intervals that cover at 95 %, fewer than 88 do with a probability of 0.2 %.
test('M/M/1: intervals contain the mean of Pollaczek and Khinchine as often as they say', async (t) => {
  checkCoverage(t, 'exponential', 0.3, 10_000, 88);
  checkCoverage(t, 'exponential', 0.5, 10_000, 88);
  checkCoverage(t, 'exponential', 0.7, 20_000, 88);
});

test('M/D/1: intervals contain the mean of Pollaczek and Khinchine as often as they say', async (t) => {
  checkCoverage(t, 'constant', 0.3, 10_000, 88);
  checkCoverage(t, 'constant', 0.5, 10_000, 88);
  checkCoverage(t, 'constant', 0.7, 10_000, 88);
});
