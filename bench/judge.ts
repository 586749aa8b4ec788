import { loadRegistry } from '../src/registry.ts';
import { GRID } from './judge/grid.ts';
import { modelErrors, tables, writeReport } from './judge/report.ts';
import { readTruths, writeTruths } from './judge/table.ts';
import { truthOf } from './judge/truth.ts';

// Every queue model against simulation. Without arguments the models are judged anew by what was simulated before; `--simulate` simulates
// every situation again first, which takes an hour.

if (process.argv.includes('--simulate')) {
  const begin = performance.now();
  const judgements = GRID.map((situation, i) => {
    if (i % 10 === 0) {
      const minutes = (performance.now() - begin) / 60_000;
      process.stderr.write(`\r${i} of ${GRID.length} situations, ${minutes.toFixed(1)} minutes `);
    }
    return { situation, truth: truthOf(situation) };
  });
  process.stderr.write('\n');
  await writeTruths(judgements);
}
const errors = modelErrors(await loadRegistry(process.env.BRAZIER_PLUGINS), await readTruths());
console.log(tables(errors));
if (!process.env.BRAZIER_PLUGINS) await writeReport(errors);
