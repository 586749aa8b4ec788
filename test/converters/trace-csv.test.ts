import { test } from 'tap';
import { tracedRequests } from '../../src/converters/trace-csv.ts';
import { Faults } from '../../src/schemas/fault-list.ts';

function read(text: string) {
  const faults = new Faults();
  return { requests: tracedRequests(text, faults), faults: faults.found.map(({ message }) => message) };
}

test('both forms of the public traces are read, in the order of time', async (t) => {
  const kept = read('arrived_at,num_prefill_tokens,num_decode_tokens\n4.5,879,55\n0.0,374,44\n');
  t.same(kept.faults, []);
  t.same(kept.requests, [
    { atSec: 0, inputTokens: 374, outputTokens: 44 },
    { atSec: 4.5, inputTokens: 879, outputTokens: 55 },
  ]);
  const published = read(
    'TIMESTAMP,ContextTokens,GeneratedTokens\r\n2023-11-16 23:59:59.5000000,4808,10\r\n2023-11-17 00:00:01.2500000,3180,8\r\n',
  );
  t.same(published.faults, []);
  const [first, second] = published.requests;
  t.same([first.atSec, first.inputTokens, first.outputTokens], [0, 4808, 10]);
  t.ok(Math.abs(second.atSec - 1.75) < 1e-6, 'dates count from the first request');
});

test('other names of columns, any order, and further columns are taken', async (t) => {
  const { requests, faults } = read('id,Output Tokens,prompt-tokens,Timestamp\n1,7,100,3\n');
  t.same(faults, []);
  t.same(requests, [{ atSec: 3, inputTokens: 100, outputTokens: 7 }]);
});

test('every faulty row is named by its line', async (t) => {
  const { faults } = read(
    'arrived_at,num_prefill_tokens,num_decode_tokens\n0,1,1\nnoon,1,1\n\n2,-1,1\n3,1,0\n4,1\n5,1.5,2\n-1,2,2\n',
  );
  t.same(faults, [
    'line 3: must have a time in seconds, or a date; it has "noon"',
    'line 5: must have prompt tokens from 0 to 10000000; it has "-1"',
    'line 6: must have output tokens from 1 to 10000000; it has "0"',
    'line 7: must have output tokens from 1 to 10000000; it has ""',
    'line 8: must have prompt tokens from 0 to 10000000; it has "1.5"',
    'line 9: must have a time in seconds, or a date; it has "-1"',
  ]);
});

test('a header without the columns, and a file without rows, are told', async (t) => {
  t.same(read('a,b\n1,2\n').faults, [
    'line 1: must have a column arrived_at (or TIMESTAMP)',
    'line 1: must have a column num_prefill_tokens (or ContextTokens)',
    'line 1: must have a column num_decode_tokens (or GeneratedTokens)',
  ]);
  t.match(read('arrived_at,num_prefill_tokens,num_decode_tokens\n').faults[0], /a row for each request/);
  t.match(read('').faults[0], /line 1: must have a column/);
  t.match(read('a,"b\n').faults[0], /must be CSV: line/);
});

test('of many faulty rows the first ten are named', async (t) => {
  const rows = Array.from({ length: 25 }, () => 'x,1,1').join('\n');
  const { faults } = read(`arrived_at,num_prefill_tokens,num_decode_tokens\n${rows}`);
  t.equal(faults.length, 11);
  t.equal(faults[10], '15 more lines have faults');
});
