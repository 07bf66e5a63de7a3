import { z } from 'zod';
import { formatRef, type Manifest, type ObjectRef } from '../../manifest/index.ts';
import { formatNouns } from '../../units/index.ts';
import type { Reading } from '../reading.ts';
import type { Check } from '../report.ts';
import type { Scaling } from './scaling.ts';

const leaderWorkerSet = z.object({
  metadata: z.object({
    uid: z.string().optional(),
    generation: z.int().optional(),
    creationTimestamp: z.string().nullish(),
    deletionTimestamp: z.string().nullish(),
    managedFields: z
      .array(z.object({ subresource: z.string().optional(), time: z.string().optional() }))
      .default([]),
  }),
  spec: z.object({
    replicas: z.int().default(1),
    leaderWorkerTemplate: z.object({ size: z.int().default(1) }),
    rolloutStrategy: z
      .object({ rollingUpdateConfiguration: z.object({ partition: z.int().nullish() }).nullish() })
      .nullish(),
  }),
  status: z
    .object({
      observedGeneration: z.int().optional(),
      readyReplicas: z.int().default(0),
      updatedReplicas: z.int().default(0),
      conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]),
    })
    .prefault({}),
});

/** The parts of a LeaderWorkerSet that health rules read. */
export type LeaderWorkerSetStatus = z.infer<typeof leaderWorkerSet>;

/** Reads the parts that rules need; `undefined` when the object has another shape. */
export function parseLeaderWorkerSet(object: Manifest): LeaderWorkerSetStatus | undefined {
  return leaderWorkerSet.safeParse(object).data;
}

/** Whether groups of an older revision may still run. */
export function isRollingOut({ metadata, spec, status }: LeaderWorkerSetStatus): boolean {
  // A surge group is counted as updated while the groups of the spec still are the old ones.
  return (
    status.observedGeneration !== metadata.generation ||
    status.updatedReplicas !== spec.replicas ||
    isTrue(status, 'UpdateInProgress')
  );
}

/**
 * Index below which groups keep the revision they have, once the others have the new one; 0 when
 * nothing holds the rollout.
 */
export function heldPartition(set: LeaderWorkerSetStatus | undefined): number {
  const partition = set?.spec.rolloutStrategy?.rollingUpdateConfiguration?.partition ?? 0;
  if (set === undefined || set.status.observedGeneration !== set.metadata.generation) return 0;
  return set.status.updatedReplicas >= set.spec.replicas - partition ? partition : 0;
}

/** Milliseconds since 1970 when the spec was last written; 0 when the object does not say. */
export function lastSpecChangeMs(set: LeaderWorkerSetStatus): number {
  return lastTimeMs(set, (subresource) => subresource === undefined);
}

/** As `lastSpecChangeMs`, with what `kubectl scale` or an autoscaler wrote: it calls for pods too. */
export function lastWriteMs(set: LeaderWorkerSetStatus): number {
  return lastTimeMs(set, (subresource) => subresource === undefined || subresource === 'scale');
}

function lastTimeMs(
  { metadata }: LeaderWorkerSetStatus,
  isWanted: (subresource: string | undefined) => boolean,
): number {
  const times = metadata.managedFields
    .filter(({ subresource }) => isWanted(subresource))
    .map(({ time }) => Date.parse(time ?? ''));
  return Math.max(0, ...[Date.parse(metadata.creationTimestamp ?? ''), ...times].filter(isNumber));
}

/**
 * Judges a LeaderWorkerSet by its own status; the pods are judged apart, because this status counts
 * a worker without probes as ready the moment its process starts.
 */
export function checkLeaderWorkerSet(
  ref: ObjectRef,
  reading: Reading<Manifest | undefined>,
  scaling?: Scaling,
): Check {
  const base = { id: 'lws-available', level: 'objects', subject: formatRef(ref) } as const;
  if (reading.kind === 'unreadable') {
    return { ...base, outcome: 'unknown', detail: reading.reason, advice: accessAdvice(ref) };
  }
  if (reading.value === undefined) {
    return {
      ...base,
      outcome: 'failed',
      detail: 'absent from the cluster',
      impact: 'Nothing serves the model.',
      advice: 'Run `dsdeploy plan`, then `dsdeploy apply`.',
    };
  }
  const status = parseLeaderWorkerSet(reading.value);
  if (status === undefined) {
    return {
      ...base,
      outcome: 'unknown',
      detail: 'has a shape this version of dsdeploy does not know',
      advice: `Compare with \`kubectl get lws ${ref.name} -n ${ref.namespace ?? 'default'} -o yaml\`.`,
    };
  }
  const wish = scaling === undefined ? '' : `, as ${scaling.by} wants`;
  const pending = findPending(status);
  if (pending !== undefined) return { ...base, outcome: 'pending', detail: `${pending}${wish}` };
  const { readyReplicas } = status.status;
  return {
    ...base,
    outcome: 'passed',
    detail: `${formatNouns(readyReplicas, 'group')} available${wish}`,
  };
}

/** First part of the readiness rule that does not hold yet. */
function findPending({ metadata, spec, status }: LeaderWorkerSetStatus): string | undefined {
  const { generation } = metadata;
  const { observedGeneration, readyReplicas, updatedReplicas } = status;
  if (metadata.deletionTimestamp) return 'terminating';
  if (generation === undefined || observedGeneration !== generation) {
    return `controller has seen generation ${observedGeneration ?? 'none'} of ${generation ?? 'none'}`;
  }
  if (spec.replicas === 0) return 'scaled to zero groups';
  if (updatedReplicas > spec.replicas) {
    return `${updatedReplicas} groups for ${spec.replicas} wanted: the surge of a roll-out is not gone yet`;
  }
  if (updatedReplicas !== spec.replicas) {
    return `${updatedReplicas} of ${spec.replicas} groups updated`;
  }
  if (readyReplicas !== spec.replicas) return `${readyReplicas} of ${spec.replicas} groups ready`;
  if (isTrue(status, 'UpdateInProgress')) return 'update in progress';
  if (!isTrue(status, 'Available')) return 'not available yet';
  return undefined;
}

function isTrue(status: LeaderWorkerSetStatus['status'], type: string): boolean {
  return status.conditions.some((entry) => entry.type === type && entry.status === 'True');
}

function accessAdvice(ref: ObjectRef): string {
  const namespace = ref.namespace ?? 'default';
  return `Check \`kubectl auth can-i get leaderworkersets.leaderworkerset.x-k8s.io -n ${namespace}\`.`;
}

function isNumber(value: number): boolean {
  return !Number.isNaN(value);
}
