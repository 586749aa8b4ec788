import type { ReplayReport, RunReport } from '../replay/report.ts';
import type { OptimizeRequest } from '../schemas/plan.ts';
import { percent } from './parameter-table.ts';
import { ReplayPlots, SYMBOLS } from './replay-plots.ts';
import { beliefOf } from './replay-text.ts';
import { figure } from './table.ts';

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:1000px;margin:2em auto;padding:0 1em;color:#222}
h1{font-size:1.5em}h2{font-size:1.15em;margin-top:2em}table{border-collapse:collapse;font-variant-numeric:tabular-nums;width:100%}
th,td{padding:.25em .6em;border-bottom:1px solid #ddd;text-align:right}th:first-child,td:first-child{text-align:left}
caption{text-align:left;padding:.6em 0;font-weight:600}svg{max-width:100%;height:auto}p,li{color:#444}`;

/** A replay as one page that needs nothing else: tables, and pictures of the load, the replicas, what was attained and the TTFT. */
export function replayPage(report: ReplayReport, fleet: OptimizeRequest): string {
  const { requests, lastsSec, seed, runs, policies, settings } = report;
  const plots = new ReplayPlots(report);
  const factors = [...new Set(runs.map(({ modelFactor }) => modelFactor))];
  const [first] = factors;
  const parts = [
    `<h1>Replay of ${requests} requests in ${figure(lastsSec / 60)} minutes</h1>`,
    `<p>Each policy replays all of them through simulated replicas, seed ${seed}, with a plan every ${figure(settings.periodSec)} s made for targets ${percent(settings.headroomFraction)} tighter. A request is within its targets when its time to first token is, and the mean of the gaps between its tokens; what is lost is not.</p>`,
    `<ul>${policies.map(({ name, summary }, i) => `<li><b style="color:${plots.colours[i]}">${escaped(name)}</b>: ${escaped(summary)}</li>`).join('')}</ul>`,
    ...factors.map((factor) => tableOf(factor, runs)),
    '<h2>Requests within their targets, and cost</h2>',
    `<p>Colours as above; ${factors.map((factor, i) => `${SYMBOLS[i % SYMBOLS.length]}: ${beliefOf(factor)}`).join('; ')}.</p>`,
    plots.attainment(),
    `<h2>TTFT of each class, ${beliefOf(first)}</h2><p>The dashed line is the target.</p>`,
    plots.ttft(first, fleet),
    ...fleet.servers.flatMap(({ name }) => [
      `<h2>${escaped(name)}: load, and replicas ${beliefOf(first)}</h2><p>Yellow: replicas that start.</p>`,
      plots.load(name),
      plots.replicas(name, first),
    ]),
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Replay</title><style>${STYLE}</style></head>
<body>
${parts.join('\n')}
</body></html>
`;
}

function tableOf(factor: number, runs: readonly RunReport[]): string {
  const head = [
    'policy',
    'within targets',
    'late TTFT',
    'late ITL',
    'lost',
    'cost/h',
    'changes/h',
    'decision ms',
  ];
  const rows = runs
    .filter(({ modelFactor }) => modelFactor === factor)
    .map(({ policy, total, costPerHour, changesPerHour, decisionMs: { mean } }) => [
      ...[escaped(policy), percent(total.attainmentFraction)],
      ...[total.missedTtft, total.missedItl, total.lost].map(String),
      ...[figure(costPerHour), figure(changesPerHour), figure(Number.isNaN(mean) ? null : mean)],
    ]);
  const row = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>`;
  const caption = beliefOf(factor);
  return `<table><caption>${caption[0].toUpperCase()}${caption.slice(1)}</caption>${row(head, 'th')}${rows.map((cells) => row(cells, 'td')).join('')}</table>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
