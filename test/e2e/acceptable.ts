import type { Cluster, LiveObject } from '../../src/cluster/index.ts';
import { DsdeployError } from '../../src/errors/index.ts';
import type { Manifest } from '../../src/manifest/index.ts';

const podSpec = { containers: [{ name: 'value', image: 'example.com/image:1' }] };
const labels = { app: 'full' };
const template = { metadata: { labels }, spec: podSpec };
const selector = { matchLabels: labels };
const jobTemplate = { spec: { template: { spec: { ...podSpec, restartPolicy: 'Never' } } } };
const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' };

/** The least that the server takes of kinds whose fields depend on each other. */
const seeds: Readonly<Record<string, object>> = {
  ClusterRoleBinding: { roleRef },
  CronJob: { spec: { schedule: '0 0 * * *', jobTemplate } },
  CustomResourceDefinition: {
    metadata: { name: 'gates.full.example.com' },
    spec: {
      group: 'full.example.com',
      scope: 'Namespaced',
      names: { kind: 'Gate', plural: 'gates', singular: 'gate', listKind: 'GateList' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object' } },
        },
      ],
    },
  },
  DaemonSet: { spec: { selector, template } },
  Deployment: { spec: { selector, template } },
  HorizontalPodAutoscaler: {
    spec: {
      maxReplicas: 3,
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'full' },
    },
  },
  Job: jobTemplate,
  PersistentVolume: {
    spec: {
      accessModes: ['ReadOnlyMany'],
      capacity: { storage: '1Ti' },
      hostPath: { path: '/data' },
    },
  },
  PersistentVolumeClaim: {
    spec: { accessModes: ['ReadOnlyMany'], resources: { requests: { storage: '1Ti' } } },
  },
  Pod: { spec: { ...podSpec, serviceAccountName: 'default', serviceAccount: 'default' } },
  PodTemplate: { template },
  ReplicaSet: { spec: { selector, template } },
  ReplicationController: { spec: { selector: labels, template } },
  RoleBinding: { roleRef },
  Service: { spec: { type: 'LoadBalancer', ports: [{ name: 'value', port: 80 }] } },
  StatefulSet: { spec: { selector, template, serviceName: 'full' } },
};

export interface Accepted {
  readonly sent: Manifest;
  readonly result: LiveObject;
}

/**
 * Dry-runs an object and takes away what the server refuses, field by field, until it takes the rest.
 * An error instead says that it refuses the kind for a reason that is not a field.
 */
export async function dryRunAcceptable(
  full: Record<string, unknown>,
  cluster: Pick<Cluster, 'apply'>,
): Promise<Accepted | DsdeployError> {
  const seed = seeds[String(full['kind'])] ?? {};
  const object = structuredClone(full);
  // An owner that does not exist has the object collected as garbage.
  delete (object['metadata'] as Record<string, unknown>)['ownerReferences'];
  for (const path of startPaths(seed)) put(object, path, valueAt(seed, path));
  for (const path of admissionPaths) put(object, path, undefined);
  for (;;) {
    try {
      const sent = structuredClone(object) as unknown as Manifest;
      return { sent, result: (await cluster.apply(sent, { dryRun: true, force: true })).object };
    } catch (error) {
      if (!(error instanceof DsdeployError)) throw error;
      const named = new Set(error.details.flatMap(({ location }) => location ?? []));
      const paths = [...named].map(parsePath).toSorted((a, b) => b.length - a.length);
      const moved = paths.map((path) => mend(object, path, seed));
      if (!moved.some(Boolean) && !paths.some((path) => mendParent(object, path, seed)))
        return error;
    }
  }
}

type Path = readonly string[];

/** What a seed sets from the start: names and service accounts, which admission looks at first. */
function startPaths(seed: object): Path[] {
  return [
    ['metadata', 'name'],
    ['spec', 'serviceAccountName'],
    ['spec', 'serviceAccount'],
  ].filter((path) => valueAt(seed, path) !== undefined);
}

/** What admission of pods looks up before the fields are validated. */
const admissionPaths: readonly Path[] = [
  ['spec', 'priorityClassName'],
  ['spec', 'priority'],
  ['spec', 'preemptionPolicy'],
  ['spec', 'runtimeClassName'],
  ['spec', 'overhead'],
];

function parsePath(path: string): Path {
  return [...path.matchAll(/[^.[\]]+|\[([^\]]*)\]/g)].map(([text, key]) => key ?? text);
}

/** Puts what the seed has in place of a refused field, or removes it; says whether that is a change. */
function mend(object: unknown, path: Path, seed: object): boolean {
  if (['', 'metadata', 'metadata.name'].includes(path.join('.'))) return false;
  const wanted = valueAt(seed, path);
  if (JSON.stringify(wanted) === JSON.stringify(valueAt(object, path))) return false;
  put(object, path, wanted);
  return true;
}

/** A field that is refused for what is not there is mended further up. */
function mendParent(object: unknown, path: Path, seed: object): boolean {
  return path.some((_, depth) => mend(object, path.slice(0, -1 - depth), seed));
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, key) => {
    if (typeof inner !== 'object' || inner === null) return undefined;
    return (inner as Record<string, unknown>)[keyIn(inner, key)];
  }, value);
}

/** Sets a value, or removes it when it is `undefined`. */
function put(object: unknown, path: Path, value: unknown): void {
  const parent = valueAt(object, path.slice(0, -1));
  if (typeof parent !== 'object' || parent === null) return;
  const key = keyIn(parent, path.at(-1) ?? '');
  if (value !== undefined) (parent as Record<string, unknown>)[key] = structuredClone(value);
  else if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else Reflect.deleteProperty(parent, key);
}

/** The server names an item of a list by its index or by its keys; every list here has one item. */
function keyIn(parent: object, key: string): string {
  return Array.isArray(parent) && !/^\d+$/.test(key) ? '0' : key;
}
