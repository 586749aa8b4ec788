import { test } from 'tap';
import { at, edited, post, refused, service } from '../support/service.ts';
import { analysis, fleet } from './bodies.ts';

const SMALL = {
  MAX_SERVERS: '2',
  MAX_ACCELERATORS: '2',
  MAX_MODELS: '1',
  MAX_PROFILES: '2',
  MAX_SERVICE_CLASSES: '2',
  MAX_CURVE_POINTS: '50',
  MAX_BATCH_SIZE: '76',
  MAX_QUEUE_LENGTH: '100',
};

const entry = (pointer: string, changes: object) => ({ ...(at(fleet, pointer) as object), ...changes });

const BEYOND = [
  ['MAX_SERVERS', { '/servers/2': entry('/servers/1', { name: 'third' }) }, '/servers', /at most 2 entries/],
  [
    'MAX_ACCELERATORS',
    { '/accelerators/2': entry('/accelerators/0', { name: 'third' }) },
    '/accelerators',
    /has 3/,
  ],
  ['MAX_MODELS', { '/models/1': entry('/models/0', { name: 'second' }) }, '/models', /at most 1 entries/],
  [
    'MAX_PROFILES',
    { '/models/0/profiles/2': entry('/models/0/profiles/0', { variant: 'third' }) },
    '/models/0/profiles',
    /it has 3/,
  ],
  [
    'MAX_SERVICE_CLASSES',
    { '/serviceClasses/2': entry('/serviceClasses/0', { name: 'third' }) },
    '/serviceClasses',
    /it has 3/,
  ],
  ['MAX_BATCH_SIZE', { '/servers/0/maxBatchSize': 77 }, '/servers/0/maxBatchSize', /at most 76/],
  ['MAX_QUEUE_LENGTH', { '/servers/0/maxQueueLength': 101 }, '/servers/0/maxQueueLength', /it is 101/],
] as const;

test('A fleet at the configured limits is accepted, one beyond is refused with the name of the limit', async (t) => {
  const app = await service(t, { environment: SMALL });
  t.equal((await post(app, '/optimize', fleet)).status, 200);
  for (const [name, edits, path, says] of BEYOND) {
    const body = edited(fleet, edits);
    await refused(t, app, '/optimize', body, 400, [[path, says]], name);
    await refused(t, app, '/optimize', body, 400, [[path, new RegExp(`limit ${name} of the service`)]], name);
  }
});

test('A curve has as many points as configured', async (t) => {
  const app = await service(t, { environment: SMALL });
  const rates = (requestsPerSec: unknown) => edited(analysis, { '/requestsPerSec': requestsPerSec });
  for (const right of [Array(50).fill(1), { from: 1, to: 2, points: 50 }])
    t.equal((await post(app, '/analyze', rates(right))).status, 200);
  const list = [['/requestsPerSec', /at most 50 entries \(limit MAX_CURVE_POINTS/]] as const;
  await refused(t, app, '/analyze', rates(Array(51).fill(1)), 400, list, 'list');
  const range = [['/requestsPerSec/points', /at most 50 \(limit MAX_CURVE_POINTS/]] as const;
  await refused(t, app, '/analyze', rates({ from: 1, to: 2, points: 51 }), 400, range, 'range');
});

test('A range without a number of points keeps within the limit', async (t) => {
  const app = await service(t, { environment: SMALL });
  const body = edited(analysis, { '/requestsPerSec': { from: 1, to: 2 } });
  const answer = await post<{ points?: unknown[] }>(app, '/analyze', body);
  t.ok(answer.status === 400 || answer.body.points!.length === 50, `${answer.body.points?.length} points`);
});

test('The document tells the configured limits', async (t) => {
  const app = await service(t, { environment: SMALL });
  const { components } = (await app.openApi()) as { components?: unknown };
  t.equal(at(components, '/schemas/OptimizeRequest/properties/servers/maxItems'), 2);
  t.equal(at(components, '/schemas/Station/properties/maxBatchSize/maximum'), 76);
});

test('A body may be as large as BODY_LIMIT and no larger', async (t) => {
  const app = await service(t, { environment: { BODY_LIMIT: '2048' } });
  const padded = (length: number) => JSON.stringify(analysis).padEnd(length);
  t.equal((await post(app, '/analyze', padded(2048))).status, 200);
  const answer = await post<{ detail: string }>(app, '/analyze', padded(2049));
  t.equal(answer.status, 413);
  t.match(answer.body.detail, '2048 bytes (BODY_LIMIT)');
});
