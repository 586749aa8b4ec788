import { test } from 'tap';
import { replica } from '../support/replicas.ts';
import { example, post, service } from '../support/service.ts';

const metricsOf = async (app: Awaited<ReturnType<typeof service>>) => {
  const answer = await app.inject('/metrics');
  const value = (name: string) => {
    const line = answer.body.split('\n').find((text) => text.startsWith(`${name} `));
    return line === undefined ? undefined : Number(line.slice(name.length));
  };
  return { answer, value };
};

test('Requests, plans and shortfalls are counted', async (t) => {
  const app = await service(t);
  await post(app, '/optimize', example('/optimize', 'two classes'));
  await post(app, '/optimize', example('/optimize', 'scarce cards'));
  await post(app, '/optimize', {});
  await post(app, '/inferno/optimizeOne', example('/inferno/optimizeOne', 'system'));
  const { answer, value } = await metricsOf(app);
  t.equal(answer.statusCode, 200);
  t.match(answer.headers['content-type'], /^text\/plain; version=0\.0\.4/);
  const requests = (route: string, status: number) =>
    value(`brazier_http_requests_total{method="POST",route="${route}",status="${status}"}`);
  t.equal(requests('/optimize', 200), 2);
  t.equal(requests('/optimize', 400), 1);
  t.equal(requests('/inferno/optimizeOne', 200), 1);
  const plans = (solver: string, termination: string, status: string) =>
    value(`brazier_optimizations_total{solver="${solver}",termination="${termination}",status="${status}"}`);
  t.equal(plans('auto', 'optimal', 'complete'), 1);
  t.equal(plans('greedy', 'heuristic', 'complete'), 1);
  t.equal(plans('greedy', 'heuristic', 'shortfall'), 1);
  t.equal(value('brazier_servers_optimized_total'), 5);
  t.equal(value('brazier_shortfalls_total{code="no-capacity"}'), 1);
  t.equal(value('brazier_solve_seconds_count{solver="greedy"}'), 2);
  t.equal(value('brazier_http_request_duration_seconds_count{method="POST",route="/optimize"}'), 3);
  t.ok(value('process_cpu_seconds_total')! > 0);
});

test('What the llm-inferno tuner keeps is shown with its limit', async (t) => {
  const app = await service(t, { environment: { INFERNO_TUNER_PAIRS: '2' } });
  const pairs = async () => {
    const { value } = await metricsOf(app);
    return [value('brazier_tuner_pairs'), value('brazier_tuner_pairs_limit')];
  };
  t.same(await pairs(), [0, 2]);
  await post(app, '/inferno/tune', [replica(40, 512, 256)]);
  t.same(await pairs(), [1, 2]);
});

test('Labels do not grow with what clients send', async (t) => {
  const app = await service(t);
  const linesAfter = async (requests: readonly string[]) => {
    for (const url of requests) await app.inject(url);
    const { answer } = await metricsOf(app);
    return answer.body.split('\n').filter((line) => /^brazier_http_requests_total/.test(line));
  };
  const kinds = (i: number) => [
    `/nothing/${i}`,
    `/docs/static/${i}`,
    `/solvers/?x=${i}`,
    `/optimize?x=${i}`,
    `/%zz${i}`,
  ];
  const few = await linesAfter(kinds(0));
  const many = await linesAfter(Array.from({ length: 40 }, (_, i) => kinds(i)).flat());
  // The request for the metrics themselves has been counted in the meantime.
  const others = many.filter((line) => !line.includes('route="/metrics"'));
  t.equal(others.length, few.length);
  t.equal(many.filter((line) => /nothing|%zz/.test(line)).length, 0);
  const unknown = many.filter((line) => line.includes('method="GET",route="none",status="404"'));
  t.equal(unknown.length, 1, 'one label for all of them');
  t.ok(Number(unknown[0].split(' ')[1]) >= 41, unknown[0]);
});

test('Two services in one process count for themselves', async (t) => {
  const [one, other] = [await service(t), await service(t)];
  await one.inject('/health/live');
  const name = 'brazier_http_requests_total{method="GET",route="/health/live",status="200"}';
  t.equal((await metricsOf(one)).value(name), 1);
  t.equal((await metricsOf(other)).value(name), undefined);
});
