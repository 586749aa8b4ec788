import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'tap';

const SRC = fileURLToPath(new URL('../../src/', import.meta.url));

const CORE = ['schemas', 'numerics', 'queueing', 'solvers', 'predictors', 'tuner', 'stability', 'optimizer'];

/** What each room may import besides itself: rooms, or single files. A file at the top of src is composition. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  schemas: [],
  numerics: [],
  simulator: ['schemas', 'numerics'],
  queueing: ['schemas', 'numerics', 'simulator'],
  solvers: ['schemas', 'numerics'],
  predictors: ['schemas', 'numerics'],
  tuner: ['schemas', 'numerics', 'queueing'],
  stability: ['schemas', 'numerics'],
  optimizer: ['schemas', 'queueing', 'solvers', 'stability'],
  replay: ['schemas', 'numerics', 'queueing', 'optimizer', 'simulator'],
  inferno: ['schemas'],
  converters: ['schemas'],
  'control-loop': ['schemas', 'predictors', 'stability'],
  operator: ['schemas'],
  adapters: ['schemas', 'control-loop/ports.ts'],
  console: [],
  operations: [...[...CORE, 'simulator', 'inferno', 'converters'], ...['errors.ts', 'registry.ts']],
  workers: ['schemas', 'solvers', 'operations', 'registry.ts'],
  plugins: [
    ...[...CORE, 'simulator', 'inferno', 'operations', 'workers'],
    ...['config.ts', 'errors.ts', 'registry.ts', 'version.ts'],
  ],
  routes: [...CORE, 'simulator', 'inferno', 'operations', 'plugins', 'errors.ts', 'registry.ts'],
};
/** The only folder that, as the files at the top, may import everything. */
const COMPOSITION = 'cli';

/** Modules that the pure rooms live without: the outside world. */
const OUTSIDE = /^node:|^(@fastify\/|fastify|pino|prom-client|undici|yargs)/;

interface Import {
  readonly from: string;
  /** A file of ours as its path below src, else the module's name. */
  readonly to: string;
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts'));

const imports = files.flatMap((from) => importsOf(from, readFileSync(join(SRC, from), 'utf8')));

function importsOf(from: string, source: string): Import[] {
  const statements = source.matchAll(/(?:^|[\s;}])(?:from|import)\s*\(?\s*'([^']+)'/g);
  return [...statements].map(([, module]) => {
    const to = module.startsWith('.') ? new URL(module, `file:///${from}`).pathname.slice(1) : module;
    return { from, to };
  });
}

/** A folder, or a file at the top. */
const roomOf = (path: string) => path.split('/')[0];
const isOurs = ({ to }: Import) => files.includes(to);
const isComposition = (room: string) => room === COMPOSITION || room.endsWith('.ts');

function isAllowed({ from, to }: Import): boolean {
  const [room, other] = [roomOf(from), roomOf(to)];
  if (room === other || isComposition(room)) return true;
  return ROOMS[room]?.some((allowed) => allowed === other || allowed === to) ?? false;
}

const shown = ({ from, to }: Import) => `${from} imports ${to}`;

test('the scan sees every form of import', async (t) => {
  const source = `import a from './a.ts';\nimport type { B } from '../b/b.ts';\nexport { c } from './c.ts';
import {\n  d,\n} from 'd';\nimport './e.ts';\nconst f = await import('./f.ts');\n`;
  t.same(
    importsOf('room/x.ts', source).map(({ to }) => to),
    ['room/a.ts', 'b/b.ts', 'room/c.ts', 'd', 'room/e.ts', 'room/f.ts'],
  );
  t.ok(imports.filter(isOurs).length > 100, 'imports between files of ours');
});

test('every relative import leads to a source file', async (t) => {
  const lost = imports.filter((entry) => entry.to.endsWith('.ts') && !isOurs(entry));
  t.same(lost.map(shown), []);
});

test('every folder of src is a room that the table knows', async (t) => {
  const folders = [...new Set(files.filter((file) => file.includes('/')).map(roomOf))];
  const unknown = folders.filter((room) => !(room in ROOMS) && room !== COMPOSITION);
  t.same(unknown, []);
});

test('a room imports only what the table allows it', async (t) => {
  t.same(imports.filter((entry) => isOurs(entry) && !isAllowed(entry)).map(shown), []);
});

test('the check refuses an import that the table does not allow', async (t) => {
  for (const [from, to] of [
    ['schemas/fleet.ts', 'numerics/roots.ts'],
    ['solvers/strategies/greedy.ts', 'optimizer/optimize.ts'],
    ['queueing/sizing.ts', 'registry.ts'],
    ['plugins/json.ts', 'routes/optimize.ts'],
    ['adapters/kubernetes.ts', 'control-loop/loop.ts'],
    ['routes/optimize.ts', 'cli/cli.ts'],
    ['no-room/x.ts', 'schemas/fleet.ts'],
  ]) {
    t.notOk(isAllowed({ from, to }), shown({ from, to }));
  }
  t.ok(isAllowed({ from: 'adapters/kubernetes.ts', to: 'control-loop/ports.ts' }));
});

test('imports between rooms, and between the files at the top, go one way', async (t) => {
  const below = new Map<string, Set<string>>();
  for (const { from, to } of imports.filter(isOurs)) {
    const [room, other] = [roomOf(from), roomOf(to)];
    if (room !== other) below.set(room, (below.get(room) ?? new Set()).add(other));
  }
  const circles: string[] = [];
  const descend = (room: string, path: readonly string[], done: Set<string>): void => {
    if (path.includes(room)) circles.push([...path, room].join(' → '));
    if (done.has(room)) return;
    done.add(room);
    for (const next of below.get(room) ?? []) descend(next, [...path, room], done);
  };
  const done = new Set<string>();
  for (const room of below.keys()) descend(room, [], done);
  t.same(circles, []);
});

test('no file names a strategy: their folders are the registry', async (t) => {
  const folders = ['solvers/strategies/', 'queueing/models/', 'predictors/methods/', 'tuner/estimators/'];
  const named = imports.filter(({ from, to }) =>
    folders.some((folder) => to.startsWith(folder) && !from.startsWith(folder)),
  );
  t.same(named.map(shown), []);
});

test('the core imports nothing of the outside world', async (t) => {
  const core = [...CORE, 'inferno', 'converters', 'simulator', 'replay'];
  t.same(imports.filter(({ from, to }) => core.includes(roomOf(from)) && OUTSIDE.test(to)).map(shown), []);
});
