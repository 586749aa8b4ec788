import type { FitAnswer, FitErrors, FitPoint } from '../schemas/fit.ts';
import type { Combination } from '../schemas/tune.ts';
import { observedText } from './extrapolation-text.ts';
import type { FittedProfile } from './fitted-profile.ts';
import { parameterTable, percent, productOf } from './parameter-table.ts';
import { figure, table } from './table.ts';

const HEAD = [
  'report',
  'run',
  'requests/s',
  'input',
  'output',
  'TTFT ms',
  'predicted',
  'error %',
  'ITL ms',
  'predicted',
  'error %',
  'left out',
];
const RIGHT_ALIGNED = [2, 3, 4, 5, 6, 7, 8, 9, 10];

/** What a fit found, as a person reads it: the points, the parameters, how wrong they are, the laws tried, the profile. */
export function fitText(answer: FitAnswer, labels: readonly string[], profile: FittedProfile): string {
  const { points, serviceTime, standardErrors, queueModel } = answer;
  const reasons = [...new Set(points.flatMap(({ leftOut }) => leftOut ?? []))];
  return [
    table(
      HEAD,
      points.map((point, i) => rowOf(point, labels[i], reasons)),
      RIGHT_ALIGNED,
    ),
    ...(reasons.length > 0 ? [legend(points, reasons)] : []),
    parameterTable(serviceTime, standardErrors),
    ...(answer.identified ? [] : [unidentified(answer.combinations)]),
    lawTable(answer),
    `${errorLines(answer)}\nMeasured: ${observedText(answer.observedRange)}.`,
    `Profile (queue model ${queueModel.name}):\n${JSON.stringify(profile, null, 2)}`,
  ].join('\n\n');
}

function rowOf(point: FitPoint, label: string, reasons: readonly string[]): string[] {
  const { predicted, errors, leftOut } = point;
  return [
    label,
    point.name,
    figure(point.requestsPerSec),
    figure(point.inputTokens),
    figure(point.outputTokens),
    figure(point.ttftMs),
    // What a law does not predict grows without bound.
    predicted && predicted.ttftMs === null ? 'unbounded' : figure(predicted?.ttftMs),
    percentCell(errors?.ttftFraction),
    figure(point.itlMs),
    figure(predicted?.itlMs),
    percentCell(errors?.itlFraction),
    leftOut === null ? '' : `(${reasons.indexOf(leftOut) + 1})`,
  ];
}

function percentCell(fraction: number | null | undefined): string {
  if (fraction === null || fraction === undefined) return '–';
  const value = 100 * fraction;
  const text = Math.abs(value) < 100 ? value.toFixed(1) : String(Math.round(value));
  if (Number(text) === 0) return '0.0';
  return value > 0 ? `+${text}` : text.replace('-', '−');
}

function legend(points: readonly FitPoint[], reasons: readonly string[]): string {
  const lines = reasons.map((reason, i) => {
    const count = points.filter(({ leftOut }) => leftOut === reason).length;
    return `  (${i + 1}) ${reason} (${count === 1 ? 'one point' : `${count} points`})`;
  });
  return ['Left out of the fit:', ...lines].join('\n');
}

function unidentified(combinations: readonly Combination[]): string {
  const known = combinations.filter(({ isKnown }) => isKnown);
  const lines = known.map((one) => `  ${productOf(one)}, within ${percent(one.standardErrorFraction)}`);
  return [
    'The points do not tell alphaMs, betaMsPerToken and gammaMsPerToken2 apart: measure other prompt and output lengths too.',
    ...(lines.length > 0 ? ['What they tell:', ...lines] : []),
  ].join('\n');
}

const HELD_OUT_BY = { report: 'with each report held out in turn', point: 'with points held out in turn' };

function errorLines({ counted, points, errors, heldOut, heldOutBy }: FitAnswer): string {
  const told = heldOut
    ? `${HELD_OUT_BY[heldOutBy!]}: ${errorText(heldOut)}`
    : 'too few points to hold any out';
  return `Mean error over the ${counted} of ${points.length} points that count: ${errorText(errors)}; ${told}.`;
}

function errorText({ ttftFraction, itlFraction }: FitErrors): string {
  return `TTFT ${percent(ttftFraction)}, ITL ${percent(itlFraction)}`;
}

function lawTable({ laws }: FitAnswer): string {
  const rows = laws.map(({ law, terms, heldOut, chosen }) => [
    [law, ...terms].join(' + '),
    heldOut ? (100 * heldOut.ttftFraction).toFixed(1) : '–',
    heldOut ? (100 * heldOut.itlFraction).toFixed(1) : '–',
    chosen ? 'chosen' : '',
  ]);
  return table(['law', 'TTFT % held out', 'ITL % held out', ''], rows, [1, 2]);
}
