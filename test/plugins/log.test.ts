import { test } from 'tap';
import { edited, example, post, service } from '../support/service.ts';

test('The log tells of every request, and of no body', async (t) => {
  const lines: string[] = [];
  const logger = { level: 'trace', stream: { write: (line: string) => lines.push(line) } };
  const app = await service(t, { logger });
  const secret = 'the-name-of-a-customer';
  const right = edited(example('/optimize', 'two classes'), { '/servers/0/name': secret });
  const answers = [
    await post(app, '/optimize', right),
    await post(app, '/optimize', edited(right, { '/servers/0/model': secret })),
    await post(app, '/optimize', edited(right, { [`/servers/0/${secret}`]: 1 })),
    await post(app, '/optimize', `{"${secret}": `),
    await post(app, '/optimize', `{"${secret}": {"__proto__": 1}}`),
    await post(app, '/inferno/optimizeOne', { system: { serverData: { servers: [{ name: secret }] } } }),
  ];
  t.strictSame(
    answers.map(({ status }) => status),
    [200, 422, 400, 400, 400, 400],
  );
  t.notMatch(lines.join(''), secret);
  const records = lines.map((line) => JSON.parse(line));
  for (const { headers, status } of answers) {
    const own = records.filter(({ reqId }) => reqId === headers['x-request-id']);
    t.ok(
      own.some(({ res }) => res?.statusCode === status),
      `${status} is logged under its id`,
    );
    t.equal(
      own.some(({ msg }) => msg === 'request refused'),
      status !== 200,
    );
  }
});
