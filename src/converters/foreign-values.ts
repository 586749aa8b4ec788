import { shownValue } from '../schemas/faults.ts';

// Values of foreign files, told apart.

type Fault = (message: string) => void;

/** The number that a value is; null where it is missing or not a number at all, as NaN. What is of another type is a fault. */
export function numberOf(value: unknown, fault: Fault): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number') return Number.isNaN(value) ? null : value;
  fault(`must be a number; it is ${shownValue(value)}`);
  return null;
}

/** As `numberOf`, where a number may also be written as text and nothing as "". */
export function numberOfText(value: unknown, fault: Fault): number | null {
  if (typeof value !== 'string') return numberOf(value, fault);
  const text = value.trim();
  if (text === '' || /^[+-]?(nan|none|null|inf(inity)?)$/i.test(text)) return null;
  const number = Number(text);
  if (Number.isFinite(number)) return number;
  fault(`must be a number; it is ${shownValue(value)}`);
  return null;
}
