import { closest, distance } from 'fastest-levenshtein';

/** `did you mean "…"?` for the known name that is near to a name; undefined when none is. */
export function suggestion(name: string, known: readonly string[]): string | undefined {
  if (known.length === 0 || name.length > 253) return undefined;
  const near = closest(
    name.toLowerCase(),
    known.map((candidate) => candidate.toLowerCase()),
  );
  if (distance(name.toLowerCase(), near) > Math.max(2, Math.floor(near.length / 3))) return undefined;
  const match = known.find((candidate) => candidate.toLowerCase() === near);
  return `did you mean ${JSON.stringify(match)}?`;
}
