import { REJECTIONS, type Rejection } from '../schemas/observation.ts';
import { PHASES, type Phase, type Tuned } from '../schemas/tune.ts';
import { observedText } from './extrapolation-text.ts';
import { parameterTable, percent, productOf } from './parameter-table.ts';
import { figure, table } from './table.ts';

/** Observations of one reason that are named by their number. */
const MOST_NUMBERED = 12;

/** What is known of a variant, as a person reads it. */
export function tunedText(tuned: Tuned): string {
  const { model, variant, status, serviceTime, standardErrors, faults } = tuned;
  const heading = `${variant === null ? (model ?? 'An item without a name') : `${model} as ${variant}`}: ${status}`;
  if (status === 'invalid') {
    return [heading, ...faults.map(({ path, message }) => `  ${path || '/'}  ${message}`)].join('\n');
  }
  return [
    `${heading}: ${PHASES[status as Phase]}.`,
    ...(serviceTime ? [parameterTable(serviceTime, standardErrors)] : []),
    [
      taken(tuned),
      ...rejections(tuned),
      ...observed(tuned),
      ...unidentified(tuned),
      ...restarts(tuned),
      ...calibration(tuned),
    ].join('\n'),
  ].join('\n\n');
}

function taken({ observations, diagnostics }: Tuned): string {
  const accepted = observations.filter((one) => one.accepted).length;
  return `${accepted} of ${observations.length} observations taken, ${diagnostics!.accepted} since the start, by ${diagnostics!.estimator}.`;
}

function rejections({ observations }: Tuned): string[] {
  const reasons = [...new Set(observations.flatMap(({ reason }) => reason ?? []))];
  return reasons.map((reason) => {
    const numbers = observations.flatMap((one, i) => (one.reason === reason ? [i + 1] : []));
    const more = numbers.length - MOST_NUMBERED;
    const named = `${numbers.slice(0, MOST_NUMBERED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
    return `Not taken: ${named}, ${reason}: ${REJECTIONS[reason as Rejection]}.`;
  });
}

function observed({ observedRange }: Tuned): string[] {
  return observedRange ? [`Those taken that the state holds: ${observedText(observedRange)}.`] : [];
}

function unidentified({ status, diagnostics }: Tuned): string[] {
  const known = status === 'collecting' ? diagnostics!.combinations.filter(({ isKnown }) => isKnown) : [];
  return known.map((one) => `Known: ${productOf(one)}, within ${percent(one.standardErrorFraction)}.`);
}

function restarts({ diagnostics }: Tuned): string[] {
  const { restarts: count } = diagnostics!;
  if (count === 0) return [];
  return [`The parameters moved ${count === 1 ? 'once' : `${count} times`}, and were found anew.`];
}

function calibration({ calibration: advice }: Tuned): string[] {
  if (!advice) return [];
  const { needed, reason, points } = advice;
  if (!needed) return [`No calibration needed. ${reason}`];
  const rows = points.map(({ requestsPerSec, inputTokens, outputTokens, standardErrorFraction }) => [
    figure(requestsPerSec),
    figure(inputTokens),
    figure(outputTokens),
    percent(standardErrorFraction),
  ]);
  const sweep = table(
    ['  requests/s', 'input', 'output', 'then within'],
    rows.map(([rate, ...others]) => [`  ${rate}`, ...others]),
    [0, 1, 2, 3],
  );
  return [`A calibration is worth while. ${reason}`, ...(points.length > 0 ? [sweep] : [])];
}
