import { test } from 'tap';
import { LIGHT_BYTES } from '../../src/plugins/json.ts';
import { EXAMPLES } from '../../src/schemas/examples.ts';
import { edited, example, post, service } from '../support/service.ts';

/** Without what differs from run to run. */
const timeless = (text: string) =>
  text.replace(/"solveMs":[^,}]+/, '').replace(/"instance":"urn:uuid:[^"]+"/, '');

/** What takes long, and what computes with what workers alone load, goes to a worker whatever its size. */
const HEAVY_URLS: readonly string[] = [
  '/compare',
  '/minimum-cards',
  '/tune',
  '/fit',
  '/simulate',
  '/inferno/tune',
  '/inferno/calibrate',
];
const LIGHT_URLS = (Object.keys(EXAMPLES) as (keyof typeof EXAMPLES)[]).filter(
  (url) => !HEAVY_URLS.includes(url),
);

const BODIES: readonly (readonly [url: keyof typeof EXAMPLES, body: string])[] = [
  ...LIGHT_URLS.flatMap((url) =>
    Object.keys(EXAMPLES[url]).map((name) => [url, JSON.stringify(example(url, name))] as const),
  ),
  ['/optimize', '{'],
  ['/optimize', '{"__proto__": 1}'],
  [
    '/optimize',
    JSON.stringify(edited(example('/optimize', 'two classes'), { '/servers/0/model': 'none', '/x': 1 })),
  ],
  ['/size', JSON.stringify(edited(example('/size', 'targets'), { '/queueModel': 'none' }))],
];

test('A body is answered alike in place and in a worker, faults too', async (t) => {
  const app = await service(t, { environment: { INFERNO_TUNER_PAIRS: '1' } });
  const heavyRequests = async () => {
    const { body } = await app.inject('/metrics');
    return Number(/brazier_heavy_requests_total\{outcome="answered"\} (\d+)/.exec(body)?.[1]);
  };
  for (const [url, body] of BODIES) {
    const light = await post(app, url, body);
    t.equal(await heavyRequests(), 0, 'in place');
    t.ok(light.text.length > 0);
  }
  for (const [i, [url, body]] of BODIES.entries()) {
    const light = await post(app, url, body);
    const padding = ' '.repeat(LIGHT_BYTES);
    const heavy = await post(app, url, body === '{' ? `{${padding}` : body + padding);
    t.equal(await heavyRequests(), i + 1, 'in a worker');
    t.equal(heavy.status, light.status);
    if (body === '{') t.match(heavy.text, 'cannot be read as JSON');
    else t.equal(timeless(heavy.text), timeless(light.text), `${url} ${light.status}`);
    t.equal(heavy.headers['content-type'], light.headers['content-type']);
  }
});
