import { readFileSync } from 'node:fs';
import { test } from 'tap';
import { Config, readConfig } from '../../src/config.ts';
import { PACKAGE_ROOT } from '../../src/version.ts';
import {
  COMBINATIONS,
  type KubernetesObject,
  objects,
  skippedWithoutKustomize,
} from '../support/kubernetes.ts';

const openApi = JSON.parse(readFileSync(new URL('openapi/brazier.json', PACKAGE_ROOT), 'utf8'));

/** What the process of the service takes besides its workers (MiB). */
const OWN_MIB = 192;
const MIB_OF: Readonly<Record<string, number>> = { Mi: 1, Gi: 1024 };

interface Rendered {
  readonly deployment: KubernetesObject;
  readonly container: KubernetesObject;
  readonly environment: Readonly<Record<string, string>>;
  readonly of: (kind: string, name?: string) => KubernetesObject;
}

function parts(all: readonly KubernetesObject[]): Rendered {
  const of = (kind: string, name?: string) =>
    all.find((object) => object.kind === kind && (name === undefined || object.metadata.name === name));
  const deployment = of('Deployment');
  const [container] = deployment.spec.template.spec.containers;
  const configuration = of('ConfigMap', container.envFrom[0].configMapRef.name).data;
  const own = (container.env ?? []).map(({ name, value }: { name: string; value: string }) => [name, value]);
  return { deployment, container, environment: { ...configuration, ...Object.fromEntries(own) }, of };
}

for (const [resource, components] of COMBINATIONS) {
  const title = [resource, ...components].join(' + ');
  test(`${title}: parts that fit each other`, { skip: skippedWithoutKustomize }, async (t) => {
    const { deployment, container, environment, of } = parts(await objects(resource, components));
    const pod = deployment.spec.template;

    const unknown = Object.keys(environment).filter((name) => !(name in Config.properties));
    t.same(unknown, [], 'every environment variable is one of the service');
    const config = readConfig(environment);
    const [, amount, unit] = /^(\d+)(Mi|Gi)$/.exec(container.resources.limits.memory)!;
    const limitMib = Number(amount) * MIB_OF[unit];
    t.ok(limitMib >= OWN_MIB + config.WORKERS * config.WORKER_MEMORY_MIB, 'memory for all workers');
    t.ok(config.MAX_RSS_MIB > 0 && config.MAX_RSS_MIB < limitMib, 'it refuses before it is killed');
    t.equal(Number(container.resources.limits.cpu), config.WORKERS, 'a core for each worker');
    const pause = container.lifecycle.preStop.sleep.seconds;
    const stopSec = pause + (config.SHUTDOWN_DELAY_MS + config.SHUTDOWN_TIMEOUT_MS) / 1000;
    t.ok(pod.spec.terminationGracePeriodSeconds > stopSec, 'time to stop in order');
    t.ok(config.SHUTDOWN_TIMEOUT_MS > config.TIME_LIMIT_MS, 'no request in flight is cut off');

    const selector = deployment.spec.selector.matchLabels;
    t.match(pod.metadata.labels, selector);
    t.same(of('Service').spec.selector, selector);
    t.same(of('PodDisruptionBudget').spec.selector.matchLabels, selector);
    t.same(of('NetworkPolicy', 'brazier').spec.podSelector.matchLabels, selector);
    t.same(of('NetworkPolicy', 'brazier').spec.egress, []);
    const port = container.ports.find(({ name }: { name: string }) => name === 'http');
    t.equal(port.containerPort, config.PORT);
    t.equal(of('Service').spec.ports.length, 1);
    t.equal(of('Service').spec.ports[0].targetPort, port.name);
    t.equal(of('NetworkPolicy', 'brazier').spec.ingress[0].ports[0].port, port.name);
    for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe']) {
      const { path, port: at, scheme = 'HTTP' } = container[probe].httpGet;
      t.ok(openApi.paths[path]?.get, `${probe}: ${path}`);
      t.equal(at, port.name);
      t.equal(scheme, config.TLS_CERT_FILE ? 'HTTPS' : 'HTTP');
    }
    const scaler = of('HorizontalPodAutoscaler').spec;
    t.equal(scaler.scaleTargetRef.name, deployment.metadata.name);
    const { minAvailable, maxUnavailable } = of('PodDisruptionBudget').spec;
    t.ok(maxUnavailable === 1 || minAvailable < scaler.minReplicas, 'a node can be drained');
    for (const { mountPath, name } of container.volumeMounts ?? []) {
      t.ok(pod.spec.volumes.some((volume: { name: string }) => volume.name === name));
      t.ok([config.TOKENS_FILE, config.TLS_CERT_FILE].some((file) => file.startsWith(`${mountPath}/`)));
    }
  });

  test(`${title}: as little as possible is allowed`, { skip: skippedWithoutKustomize }, async (t) => {
    const { deployment, container, of } = parts(await objects(resource, components));
    const pod = deployment.spec.template.spec;
    t.equal(pod.automountServiceAccountToken, false);
    t.equal(of('ServiceAccount').automountServiceAccountToken, false);
    t.match(pod.securityContext, {
      runAsNonRoot: true,
      runAsUser: Number,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    t.same(container.securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    t.match(container.image, /:(?!latest)[\w.-]+$/);
    t.match(container.resources.requests, { cpu: String, memory: String });
    t.ok(pod.topologySpreadConstraints.length > 0);
  });
}

test('Prometheus asks as the service answers, where it wants HTTPS and tokens', {
  skip: skippedWithoutKustomize,
}, async (t) => {
  const components = ['tokens', 'tls', 'monitoring', 'monitoring-tls', 'monitoring-tokens'];
  const { deployment, of } = parts(await objects('overlays/high-availability', components));
  const secrets = deployment.spec.template.spec.volumes.map(
    ({ secret }: { secret?: { secretName: string } }) => secret?.secretName,
  );
  const [{ port, scheme, tlsConfig, authorization }] = of('ServiceMonitor').spec.endpoints;
  t.equal(port, of('Service').spec.ports[0].name);
  t.equal(scheme, 'https');
  t.ok(secrets.includes(tlsConfig.ca.secret.name));
  t.equal(tlsConfig.serverName, of('Service').metadata.name);
  t.ok(secrets.includes(authorization.credentials.name));
  const [plain] = parts(await objects('base', ['monitoring'])).of('ServiceMonitor').spec.endpoints;
  t.match([plain.scheme, plain.authorization], [undefined, undefined]);
});
