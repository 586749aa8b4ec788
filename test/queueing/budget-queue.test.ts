import { test } from 'tap';
import { evenedOut, iterationsOf, leftOver } from '../../src/queueing/budget-queue.ts';

/** Midpoints of equal shares of exponential lengths of mean 1. */
const LENGTHS = Array.from({ length: 200_000 }, (_, i) => -Math.log1p(-(i + 0.5) / 200_000));

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

const isNear = (told: number, of: number) => Math.abs(told / of - 1) < 1e-3;

test('prompts that come one by one: iterations, and the squares of what they prefill, chunk by chunk', (t) => {
  for (const room of [0.2, 1, 3]) {
    const filled = LENGTHS.map((length) => Math.ceil(length / room) - 1);
    const iterations = iterationsOf(1 / room, 1);
    t.ok(isNear(iterations, 1 + mean(filled)), `${iterations} iterations at room for ${room}`);
    const squares = LENGTHS.map((length, i) => filled[i] * room ** 2 + (length - filled[i] * room) ** 2);
    const share = mean(squares) / mean(LENGTHS.map((length) => length ** 2));
    t.ok(isNear(1 - evenedOut(room, 0, 1), share), `${share} of the variance at room for ${room}`);
  }
  t.end();
});

test('where the budget is a small part of a prompt, M/G/1 is left over', (t) => {
  // W = λ·E[S²]/(2·(1 - ρ)); of exponential lengths ρ/(1 - ρ), of constant ones half of that.
  t.ok(isNear(leftOver(evenedOut(1e-9, 0.8, 1), 0.8, 1), 4), 'exponential');
  t.ok(isNear(leftOver(evenedOut(1e-9, 0.8, 0), 0.8, 0), 2), 'constant');
  t.equal(evenedOut(1e6, 0.5, 1), 0, 'a budget for a million');
  t.end();
});
