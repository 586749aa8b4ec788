import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';

const OPTIONS = `{ type: 'object', properties: { ms: { type: 'number', default: 300 }, file: { type: 'string', default: '' } }, additionalProperties: false }`;

/** What a solver does before it gives nothing to anybody; each a solver of its own, as users may write them. */
const DEEDS = {
  busy: 'const end = performance.now() + ms; while (performance.now() < end);',
  endless: 'for (;;);',
  hungry: 'const kept = []; for (;;) kept.push({ a: Math.random(), b: [1, 2, 3] });',
  dying: 'process.exit(3);',
  'dying-once':
    "const fs = await0('node:fs'); if (!fs.existsSync(file)) { fs.writeFileSync(file, ''); process.exit(3); }",
  throwing: "throw new Error('a secret of the solver');",
} as const;
export type Deed = keyof typeof DEEDS;

/** A directory of plug-ins with these solvers; gone when the test ends. */
export async function misbehavingSolvers(t: Test): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'brazier-plugins-'));
  t.teardown(() => rm(directory, { recursive: true }));
  await mkdir(join(directory, 'solvers'));
  for (const [name, deed] of Object.entries(DEEDS)) {
    const source = `
import { createRequire } from 'node:module';
const await0 = createRequire(import.meta.url);
export default {
  name: '${name}',
  summary: 'A solver of a test.',
  options: ${OPTIONS},
  solve({ servers }, { ms, file }) {
    ${deed}
    return { termination: 'heuristic', assignments: servers.map(() => null), bound: null };
  },
};`.replaceAll('await0', 'load');
    await writeFile(join(directory, 'solvers', `${name}.mjs`), source);
  }
  await mkdir(join(directory, 'queue-models'));
  await writeFile(join(directory, 'queue-models', 'deadly.mjs'), DEADLY_MODEL);
  return directory;
}

const DEADLY_MODEL = `
export default {
  name: 'deadly',
  summary: 'A queue model of a test, which no worker survives.',
  options: { type: 'object', properties: {}, additionalProperties: false },
  prepare() { process.exit(3); },
};`;
