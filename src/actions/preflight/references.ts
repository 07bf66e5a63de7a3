import { type Manifest, type ObjectRef, refOf } from '../../manifest/index.ts';
import type { PodSpec } from './pod-spec.ts';
import { findWorkloads } from './workload.ts';

/** A Secret that pods refer to. */
export interface SecretReference {
  readonly name: string;
  /** Keys the pods read; empty for pull secrets. */
  readonly keys: readonly string[];
  readonly use: 'value' | 'pull';
}

/** Objects of others that rendered pods need to start. */
export interface References {
  readonly secrets: readonly SecretReference[];
  readonly claims: readonly string[];
  readonly priorityClasses: readonly string[];
  readonly runtimeClasses: readonly string[];
}

/** Collects what rendered pods refer to and the manifests do not make themselves. */
export function findReferences(manifests: readonly Manifest[]): References {
  const specs = findWorkloads(manifests).flatMap(({ pods }) => pods.map(({ spec }) => spec));
  const made = new Set(manifests.map(({ kind, metadata }) => `${kind}/${metadata.name}`));
  const isForeign = (kind: string) => (name: string) => !made.has(`${kind}/${name}`);
  return {
    secrets: mergeSecrets(specs).filter(({ name }) => isForeign('Secret')(name)),
    claims: unique(specs.flatMap(claimsOf)).filter(isForeign('PersistentVolumeClaim')),
    priorityClasses: unique(specs.map(({ priorityClassName }) => priorityClassName)),
    runtimeClasses: unique(specs.map(({ runtimeClassName }) => runtimeClassName)),
  };
}

/** Every object that preflight reads by name, for the rights it needs. */
export function referredObjects(manifests: readonly Manifest[], namespace: string): ObjectRef[] {
  const { secrets, claims, priorityClasses, runtimeClasses } = findReferences(manifests);
  const named = (apiVersion: string, kind: string, names: readonly string[], scope = {}) =>
    names.map((name) => ({ apiVersion, kind, name, ...scope }));
  return [
    ...named(
      'v1',
      'Secret',
      secrets.map(({ name }) => name),
      { namespace },
    ),
    ...named('v1', 'PersistentVolumeClaim', claims, { namespace }),
    ...named('scheduling.k8s.io/v1', 'PriorityClass', priorityClasses),
    ...named('node.k8s.io/v1', 'RuntimeClass', runtimeClasses),
    ...controllerNames(manifests).flatMap((ref) => [ref]),
    lwsController,
  ];
}

/** Where every LeaderWorkerSet installation by its own manifests or chart puts its controller. */
export const lwsController: ObjectRef = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  namespace: 'lws-system',
  name: 'lws-controller-manager',
};

/**
 * Objects the LeaderWorkerSet controller makes under the name of the set: its headless Service and the
 * StatefulSet of the leaders.
 */
export function controllerNames(manifests: readonly Manifest[]): ObjectRef[] {
  return manifests
    .filter(({ kind }) => kind === 'LeaderWorkerSet')
    .map(refOf)
    .flatMap(({ namespace = '', name }) => [
      { apiVersion: 'v1', kind: 'Service', namespace, name },
      { apiVersion: 'apps/v1', kind: 'StatefulSet', namespace, name },
    ]);
}

function mergeSecrets(specs: readonly PodSpec[]): SecretReference[] {
  const values = specs.flatMap(secretValues);
  const byName = Map.groupBy(values, ({ name }) => name);
  const pulls = unique(
    specs.flatMap(({ imagePullSecrets }) => (imagePullSecrets ?? []).map(({ name }) => name)),
  );
  return [
    ...[...byName].map(([name, entries]) => ({
      name,
      keys: unique(entries.map(({ key }) => key)),
      use: 'value' as const,
    })),
    ...pulls.map((name) => ({ name, keys: [], use: 'pull' as const })),
  ];
}

function secretValues({ containers, initContainers, volumes }: PodSpec) {
  const variables = [...containers, ...(initContainers ?? [])].flatMap(({ env }) => env ?? []);
  const mounted = (volumes ?? []).flatMap(({ secret }) =>
    secret?.optional === true || !secret ? [] : [{ name: secret.secretName, key: undefined }],
  );
  const read = variables.flatMap(({ valueFrom }) => {
    const ref = valueFrom?.secretKeyRef;
    return ref ? [{ name: ref.name, key: ref.key ?? undefined }] : [];
  });
  return [...read, ...mounted];
}

function claimsOf({ volumes }: PodSpec): string[] {
  return (volumes ?? []).flatMap(({ persistentVolumeClaim }) =>
    persistentVolumeClaim ? [persistentVolumeClaim.claimName] : [],
  );
}

function unique(values: readonly (string | null | undefined)[]): string[] {
  return [...new Set(values.filter((value) => typeof value === 'string'))].toSorted();
}
