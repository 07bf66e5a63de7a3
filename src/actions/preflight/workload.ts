import { z } from 'zod';
import { type Manifest, type ObjectRef, refOf } from '../../manifest/index.ts';
import { type Amounts, limitsOf, type PodSpec, podSpecSchema, requestsOf } from './pod-spec.ts';

/** One rendered object that makes pods. */
export interface Workload {
  readonly ref: ObjectRef;
  /** Copies of the whole: groups of a LeaderWorkerSet, replicas of anything else. */
  readonly copies: number;
  /** The pods of one copy. */
  readonly pods: readonly PodDemand[];
  /** Label whose value all nodes of one copy share, and no two copies do. */
  readonly topologyKey?: string;
}

/** Equal pods of one copy, and what each of them takes. */
export interface PodDemand {
  readonly role: string;
  readonly count: number;
  readonly spec: PodSpec;
  readonly requests: Amounts;
  readonly limits: Amounts;
}

const templateSchema = z.looseObject({ spec: podSpecSchema });

const lwsSchema = z.looseObject({
  spec: z.looseObject({
    replicas: z.number().nullish(),
    leaderWorkerTemplate: z.looseObject({
      size: z.number().nullish(),
      leaderTemplate: templateSchema.nullish(),
      workerTemplate: templateSchema,
    }),
  }),
});

const simpleSchema = z.looseObject({
  spec: z.looseObject({
    replicas: z.number().nullish(),
    parallelism: z.number().nullish(),
    template: templateSchema,
  }),
});

const exclusiveTopology = 'leaderworkerset.sigs.k8s.io/exclusive-topology';

const simpleKinds: ReadonlySet<string> = new Set([
  'Deployment',
  'StatefulSet',
  'Job',
  'ReplicaSet',
]);

/** Finds the pods that rendered objects will make. */
export function findWorkloads(manifests: readonly Manifest[]): Workload[] {
  return manifests.flatMap((manifest) => {
    if (manifest.kind === 'LeaderWorkerSet') return leaderWorkerSet(manifest);
    return simpleKinds.has(manifest.kind) ? simple(manifest) : [];
  });
}

/** All pods of a workload together, times a factor each. */
export function podCount({ copies, pods }: Workload): number {
  return copies * pods.reduce((sum, { count }) => sum + count, 0);
}

function leaderWorkerSet(manifest: Manifest): Workload[] {
  const { data } = lwsSchema.safeParse(manifest);
  if (data === undefined) return [];
  const { size, leaderTemplate, workerTemplate } = data.spec.leaderWorkerTemplate;
  const others = (size ?? 1) - 1;
  const topologyKey = manifest.metadata.annotations?.[exclusiveTopology];
  const leader = demand('leader', 1, (leaderTemplate ?? workerTemplate).spec);
  const workers = others > 0 ? [demand('worker', others, workerTemplate.spec)] : [];
  return [
    {
      ref: refOf(manifest),
      copies: data.spec.replicas ?? 1,
      pods: [leader, ...workers],
      ...(topologyKey === undefined ? {} : { topologyKey }),
    },
  ];
}

function simple(manifest: Manifest): Workload[] {
  const { data } = simpleSchema.safeParse(manifest);
  if (data === undefined) return [];
  const { replicas, parallelism, template } = data.spec;
  const pods = [demand(manifest.kind.toLowerCase(), 1, template.spec)];
  return [{ ref: refOf(manifest), copies: replicas ?? parallelism ?? 1, pods }];
}

function demand(role: string, count: number, spec: PodSpec): PodDemand {
  return { role, count, spec, requests: requestsOf(spec), limits: limitsOf(spec) };
}
