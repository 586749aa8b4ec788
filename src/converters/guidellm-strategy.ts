import { isObject, type Json } from '../schemas/fault-list.ts';
import { shownValue } from '../schemas/faults.ts';
import { ARRIVALS, type Arrivals } from './benchmark-run.ts';

/** How a run was loaded. */
export interface Strategy {
  readonly name: string;
  /** null: arrivals that nothing is known of. */
  readonly arrivals: Arrivals | null;
  readonly targetRequestsPerSec: number | null;
}

/** Stands for a strategy that could not be read; a fault says why. */
export const NO_STRATEGY: Strategy = { name: '', arrivals: null, targetRequestsPerSec: null };

/** Longer text holds more than a strategy; it is not worth the time to parse. */
const MAX_TEXT = 1_000_000;

type Fault = (message: string) => void;

/** The strategy that a name such as "constant@0.87" tells; the rate is rounded there, so `exact` goes before it. */
export function strategyOfName(name: unknown, exact: (kind: string) => Json | null, fault: Fault): Strategy {
  const [, kind, after] = (typeof name === 'string' && /^([a-z_]{1,20})(?:@(\S{1,30}))?$/.exec(name)) || [];
  if (kind === undefined || !isKnown(kind)) {
    fault(`must be a strategy, such as "synchronous" or "constant@0.87"${told(name)}`);
    return NO_STRATEGY;
  }
  const found = exact(kind);
  const rate = isPaced(kind) ? (rateOf(found) ?? rateOf({ rate: Number(after) })) : null;
  const full = after === undefined ? nameOf(kind, { rate, streams: found?.streams }) : String(name);
  return { name: full, arrivals: arrivalsOf(kind), targetRequestsPerSec: rate };
}

/** The strategy that an object with `type_` and perhaps `rate` or `streams` tells. */
export function strategyOfObject(strategy: Json, fault: (field: string, message: string) => void): Strategy {
  const { type_: kind, rate } = strategy;
  if (typeof kind !== 'string' || !isKnown(kind)) {
    fault('type_', `must be one of ${ARRIVALS.join(', ')}, trace${told(kind)}`);
    return NO_STRATEGY;
  }
  if (isPaced(kind) && rate !== undefined && rate !== null && typeof rate !== 'number')
    fault('rate', `must be a number; it is ${shownValue(rate)}`);
  return {
    name: nameOf(kind, strategy),
    arrivals: arrivalsOf(kind),
    targetRequestsPerSec: isPaced(kind) ? rateOf(strategy) : null,
  };
}

/** JSON that a cell holds, where it is an object; what else it may be is of no importance. */
export function objectIn(cell: unknown): Json | null {
  if (isObject(cell)) return cell;
  if (typeof cell !== 'string' || cell.length > MAX_TEXT) return null;
  try {
    const value: unknown = JSON.parse(cell);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

const told = (value: unknown) => (value === undefined ? '' : `; it is ${shownValue(value)}`);
const isPaced = (kind: string) => kind === 'constant' || kind === 'poisson';
/** A replayed trace is a strategy of GuideLLM, but its arrivals may be anything. */
const isKnown = (kind: string) => arrivalsOf(kind) !== null || kind === 'trace';
const arrivalsOf = (kind: string) => ARRIVALS.find((arrivals) => arrivals === kind) ?? null;

function rateOf(strategy: Json | null): number | null {
  const rate = strategy?.rate;
  return typeof rate === 'number' && Number.isFinite(rate) ? rate : null;
}

/** As GuideLLM writes it. */
function nameOf(kind: string, strategy: Json): string {
  const rate = rateOf(strategy);
  if (isPaced(kind) && rate !== null) return `${kind}@${rate.toFixed(2)}`;
  if (kind === 'concurrent' && typeof strategy.streams === 'number') return `${kind}@${strategy.streams}`;
  return kind;
}
