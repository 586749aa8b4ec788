import { PrometheusRule } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule';
import { ServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor';
import tap, { test } from 'tap';
import { stringify } from 'yaml';
import {
  COMBINATIONS,
  objects,
  rendered,
  skippedWithoutKustomize,
  skippedWithoutSchemas,
  validated,
} from '../support/kubernetes.ts';

tap.setTimeout(120_000);

/** The oldest that the manifests promise, and a current one. */
const VERSIONS = ['1.30', '1.37'];
const OPERATORS = /^(ServiceMonitor|PrometheusRule)$/;

test('Every object is what the schemas of Kubernetes allow, and nothing else', {
  skip: skippedWithoutSchemas,
}, async (t) => {
  for (const [resource, components] of COMBINATIONS) {
    const own = (await objects(resource, components)).filter(({ kind }) => !OPERATORS.test(kind));
    const yaml = own.map((object) => stringify(object)).join('---\n');
    for (const version of VERSIONS) {
      const { stdout, stderr } = await validated(yaml, version);
      const passed = `${stdout}${stderr}`.match(/passed for resource/g) ?? [];
      t.equal(passed.length, own.length, `${resource} + ${components.join(', ') || 'nothing'}, ${version}`);
    }
  }
});

test('The check refuses a field that does not exist', { skip: skippedWithoutSchemas }, async (t) => {
  const yaml = await rendered('base', []);
  await t.rejects(validated(yaml.replace('readOnlyRootFilesystem', 'readOnlyRootFileSystem'), VERSIONS[1]));
});

test('The objects of the Prometheus operator are what its schemas allow', {
  skip: skippedWithoutKustomize,
}, async (t) => {
  const all = await objects('base', ['monitoring', 'monitoring-tls', 'monitoring-tokens']);
  const rule = all.find(({ kind }) => kind === 'PrometheusRule');
  const monitor = all.find(({ kind }) => kind === 'ServiceMonitor');
  t.doesNotThrow(() => new PrometheusRule(rule).validate());
  t.doesNotThrow(() => new ServiceMonitor(monitor).validate());
  t.throws(() => new ServiceMonitor({ ...monitor, spec: { ...monitor.spec, endpoints: 1 } }).validate());
});
