// Values of foreign files, told apart.

type Fault = (message: string) => void;

/** The number that a value is; null where it is missing or not a number at all, as NaN. What is of another type is a fault. */
export function numberOf(value: unknown, fault: Fault): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number') return Number.isNaN(value) ? null : value;
  fault(`must be a number; it is ${kindOf(value)}`);
  return null;
}

/** As `numberOf`, where a number may also be written as text and nothing as "". */
export function numberOfText(value: unknown, fault: Fault): number | null {
  if (typeof value !== 'string') return numberOf(value, fault);
  const text = value.trim();
  if (text === '' || /^[+-]?(nan|none|null|inf(inity)?)$/i.test(text)) return null;
  const number = Number(text);
  if (Number.isFinite(number)) return number;
  fault(`must be a number; it is ${kindOf(value)}`);
  return null;
}

/** What a value is, in a few words however large it is. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  return String(value);
}
