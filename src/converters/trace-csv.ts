import { type CsvError, parse } from 'csv-parse/sync';
import type { Faults } from '../schemas/fault-list.ts';
import type { TracedRequest } from '../schemas/simulation-process.ts';

// Request traces: a row for each request, with when it came and its sizes. Azure's public traces as published (TIMESTAMP, ContextTokens,
// GeneratedTokens) and as Vidur keeps them (arrived_at, num_prefill_tokens, num_decode_tokens), and what else is called like that.

/** What a column may be called, without case, spaces, dashes and underscores. */
const COLUMNS = {
  time: ['arrivedat', 'timestamp', 'arrivaltime', 'arrival', 'time', 'atsec', 'at'],
  input: [
    'numprefilltokens',
    'contexttokens',
    'inputtokens',
    'prompttokens',
    'numprompttokens',
    'inputlength',
  ],
  output: ['numdecodetokens', 'generatedtokens', 'outputtokens', 'completiontokens', 'outputlength'],
} as const;
type Column = keyof typeof COLUMNS;

/** As many as a simulation takes. */
const MOST_ROWS = 1_000_000;
/** As in the schema of a traced request. */
const MOST_TOKENS = 1e7;
const MOST_SEC = 1e6;
/** Faulty rows that are named; more say nothing new. */
const MOST_NAMED = 10;

interface Line {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/**
 * The requests of a trace in the order of time (s since the first where times are dates, else as they stand).
 *
 * @param faults takes what is wrong with it, each with its line
 */
export function tracedRequests(text: string, faults: Faults): TracedRequest[] {
  let lines: Line[];
  try {
    const options = { bom: true, info: true, relaxColumnCount: true, skipEmptyLines: true, trim: true };
    lines = parse(text, { ...options, to: MOST_ROWS + 2 }) as unknown as Line[];
  } catch (error) {
    const { message, lines: line = 0 } = error as CsvError & Partial<Record<string, number>>;
    faults.add('', `must be CSV: line ${line}: ${message}`);
    return [];
  }
  const columns = columnsOf(lines[0]?.record ?? [], faults);
  if (!columns) return [];
  const rows = lines.slice(1);
  if (rows.length === 0) faults.add('', 'must have a row for each request below the header');
  if (rows.length > MOST_ROWS) faults.add('', `must have at most ${MOST_ROWS} requests`);
  const requests: TracedRequest[] = [];
  let faulty = 0;
  for (const { record, info } of rows.slice(0, MOST_ROWS)) {
    const request = requestOf(record, columns);
    if (typeof request !== 'string') requests.push(request);
    else if (++faulty <= MOST_NAMED) faults.add('', `line ${info.lines}: ${request}`);
  }
  if (faulty > MOST_NAMED) faults.add('', `${faulty - MOST_NAMED} more lines have faults`);
  return sinceTheFirst(requests.sort((a, b) => a.atSec - b.atSec));
}

function columnsOf(header: readonly string[], faults: Faults): Record<Column, number> | undefined {
  const plain = header.map((name) => name.toLowerCase().replaceAll(/[\s_-]/g, ''));
  const found = { time: -1, input: -1, output: -1 };
  for (const column of Object.keys(COLUMNS) as Column[]) {
    found[column] = plain.findIndex((name) => (COLUMNS[column] as readonly string[]).includes(name));
  }
  const missing = {
    time: 'arrived_at (or TIMESTAMP)',
    input: 'num_prefill_tokens (or ContextTokens)',
    output: 'num_decode_tokens (or GeneratedTokens)',
  };
  const absent = (Object.keys(missing) as Column[]).filter((column) => found[column] < 0);
  for (const column of absent) faults.add('', `line 1: must have a column ${missing[column]}`);
  return absent.length === 0 ? found : undefined;
}

/** A request, or what is wrong with its row. */
function requestOf(record: readonly string[], columns: Record<Column, number>): TracedRequest | string {
  const [time, input, output] = [columns.time, columns.input, columns.output].map((at) => record[at] ?? '');
  const atSec = secondsOf(time);
  if (Number.isNaN(atSec)) return `must have a time in seconds, or a date; it has ${JSON.stringify(time)}`;
  const inputTokens = tokensOf(input);
  if (!(inputTokens >= 0 && inputTokens <= MOST_TOKENS))
    return `must have prompt tokens from 0 to ${MOST_TOKENS}; it has ${JSON.stringify(input)}`;
  const outputTokens = tokensOf(output);
  if (!(outputTokens >= 1 && outputTokens <= MOST_TOKENS))
    return `must have output tokens from 1 to ${MOST_TOKENS}; it has ${JSON.stringify(output)}`;
  return { atSec, inputTokens, outputTokens };
}

/** A whole number, also where it was written as 12.0; NaN: it is none. */
function tokensOf(text: string): number {
  const value = text === '' ? Number.NaN : Number(text);
  return Number.isInteger(value) ? value : Number.NaN;
}

/** Dates, of which JavaScript takes three decimals of a second, and traces have seven. */
const DATE = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(\.\d+)?\s*(Z|[+-]\d{2}:?\d{2})?$/;

function secondsOf(text: string): number {
  if (text === '') return Number.NaN;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return seconds >= 0 ? seconds : Number.NaN;
  const match = DATE.exec(text);
  if (!match) return Number.NaN;
  const [, day, time, fraction = '', zone = 'Z'] = match;
  return Date.parse(`${day}T${time}${zone}`) / 1000 + Number(`0${fraction}`);
}

/** Times that no simulation lasts for are dates, or seconds since 1970: they count from the first request. */
function sinceTheFirst(requests: TracedRequest[]): TracedRequest[] {
  const first = requests[0]?.atSec ?? 0;
  if (first <= MOST_SEC) return requests;
  return requests.map((request) => ({ ...request, atSec: request.atSec - first }));
}
