import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { PACKAGE_FOLDER } from './command.ts';

export const run = promisify(execFile);

const exists = (program: string, args: readonly string[]) =>
  spawnSync(program, args, { stdio: 'ignore' }).status === 0;

const KUSTOMIZE = exists('kustomize', ['version'])
  ? ['kustomize', 'build']
  : exists('kubectl', ['kustomize', '--help'])
    ? ['kubectl', 'kustomize']
    : null;
const VALIDATE = process.env.KUBERNETES_VALIDATE || 'kubernetes-validate';

/** Why a test is skipped; false: what it needs is there. */
export const skippedWithoutKustomize = KUSTOMIZE ? false : 'neither kustomize nor kubectl is there';
export const skippedWithoutSchemas = exists(VALIDATE, ['--version'])
  ? skippedWithoutKustomize
  : 'kubernetes-validate (PyPI), which has the schemas, is not there';
export const skippedWithoutPromtool = exists('promtool', ['--version'])
  ? skippedWithoutKustomize
  : 'promtool is not there';

export const COMPONENTS = ['tokens', 'tls', 'monitoring', 'dashboard'] as const;

/** Every combination that the manifests promise. */
export const COMBINATIONS: readonly (readonly [resource: string, components: readonly string[]])[] = [
  ['base', []],
  ['overlays/small', []],
  ['overlays/high-availability', []],
  ...COMPONENTS.map((component) => ['overlays/small', [component]] as const),
  ['overlays/high-availability', COMPONENTS],
];

// biome-ignore lint/suspicious/noExplicitAny: objects of Kubernetes, as they come
export type KubernetesObject = any;

/** The YAML of an overlay with components. */
export async function rendered(resource: string, components: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'brazier-k8s-'));
  try {
    const path = (name: string) => relative(folder, join(PACKAGE_FOLDER, 'k8s', name));
    const kustomization = {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      resources: [path(resource)],
      components: components.map((name) => path(`components/${name}`)),
    };
    await writeFile(join(folder, 'kustomization.yaml'), JSON.stringify(kustomization));
    const [program, command] = KUSTOMIZE!;
    return (await run(program, [command, folder], { maxBuffer: 1e8 })).stdout;
  } finally {
    await rm(folder, { recursive: true });
  }
}

export function objectsOf(yaml: string): KubernetesObject[] {
  return parseAllDocuments(yaml).map((document) => document.toJS());
}

export async function objects(resource: string, components: readonly string[]): Promise<KubernetesObject[]> {
  return objectsOf(await rendered(resource, components));
}

/** Holds every object against the schemas of Kubernetes; unknown fields are refused. */
export async function validated(yaml: string, version: string): Promise<{ stdout: string; stderr: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'brazier-k8s-'));
  try {
    const file = join(folder, 'objects.yaml');
    await writeFile(file, yaml);
    return await run(VALIDATE, ['--strict', '-k', version, file]);
  } finally {
    await rm(folder, { recursive: true });
  }
}
