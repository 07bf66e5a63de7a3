import { z } from 'zod';
import type { Manifest } from '../../manifest/index.ts';

const containerState = z.object({
  waiting: z.object({ reason: z.string().optional(), message: z.string().optional() }).optional(),
  running: z.object({ startedAt: z.string().nullish() }).optional(),
  terminated: z
    .object({
      exitCode: z.int(),
      reason: z.string().optional(),
      message: z.string().optional(),
      finishedAt: z.string().nullish(),
    })
    .optional(),
});

const containerStatus = z.object({
  name: z.string(),
  ready: z.boolean().default(false),
  /** Whether the startup probe passed; kwok leaves it out. */
  started: z.boolean().nullish(),
  restartCount: z.int().default(0),
  state: containerState.default({}),
  lastState: containerState.default({}),
});

const condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().optional(),
  message: z.string().optional(),
  lastTransitionTime: z.string().nullish(),
});

const podStatus = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string().optional(),
    uid: z.string().optional(),
    labels: z.record(z.string(), z.string()).default({}),
    creationTimestamp: z.string().nullish(),
    deletionTimestamp: z.string().nullish(),
  }),
  spec: z.object({
    nodeName: z.string().optional(),
    containers: z.array(z.object({ name: z.string(), image: z.string().optional() })),
    initContainers: z
      .array(z.object({ name: z.string(), restartPolicy: z.string().optional() }))
      .default([]),
  }),
  status: z
    .object({
      phase: z.string().default('Pending'),
      reason: z.string().optional(),
      message: z.string().optional(),
      conditions: z.array(condition).default([]),
      containerStatuses: z.array(containerStatus).default([]),
      initContainerStatuses: z.array(containerStatus).default([]),
    })
    .prefault({}),
});

/** The parts of a pod that health rules read. */
export type PodStatus = z.infer<typeof podStatus>;
export type ContainerStatus = z.infer<typeof containerStatus>;

/** Reads the parts that rules need; `undefined` when the object does not look like a pod. */
export function parsePodStatus(pod: Manifest): PodStatus | undefined {
  return podStatus.safeParse(pod).data;
}

/** Status of one condition, `undefined` when the pod does not have it. */
export function conditionOf(
  pod: PodStatus,
  type: string,
): PodStatus['status']['conditions'][number] | undefined {
  return pod.status.conditions.find((entry) => entry.type === type);
}
