import type { Manifest } from '../../manifest/index.ts';
import { formatSeconds } from '../../units/index.ts';
import { type JsonMap, mapOf } from '../json-map.ts';

/** What decides how the controller changes a LeaderWorkerSet, read from the object. */
export interface GroupShape {
  readonly replicas: number;
  readonly podsPerGroup: number;
  /** Groups below it keep their revision. */
  readonly partition: number;
  readonly maxUnavailable: number;
  readonly maxSurge: number;
  /** Extended resources of one group, by name. */
  readonly devices: Readonly<Record<string, number>>;
  /** How long a pod of the group may take to stop. */
  readonly graceSeconds: number;
}

/** What Kubernetes gives a pod that does not say. */
const defaultGraceSeconds = 30;

/** Reads a LeaderWorkerSet as the API server has it, defaults filled in or not. */
export function readGroupShape(lws: Manifest): GroupShape {
  const spec = mapOf(lws['spec']);
  const template = mapOf(spec['leaderWorkerTemplate']);
  const rollout = mapOf(mapOf(spec['rolloutStrategy'])['rollingUpdateConfiguration']);
  const replicas = numberOr(spec['replicas'], 1);
  const podsPerGroup = numberOr(template['size'], 1);
  const worker = mapOf(mapOf(template['workerTemplate'])['spec']);
  const leader = mapOf(mapOf(template['leaderTemplate'] ?? template['workerTemplate'])['spec']);
  return {
    replicas,
    podsPerGroup,
    partition: numberOr(rollout['partition'], 0),
    maxUnavailable: countOf(rollout['maxUnavailable'] ?? 1, replicas, Math.floor),
    maxSurge: Math.min(countOf(rollout['maxSurge'] ?? 0, replicas, Math.ceil), replicas),
    devices: addDevices(devicesOf(leader), devicesOf(worker), podsPerGroup - 1),
    graceSeconds: Math.max(
      ...[leader, worker].map((pod) =>
        numberOr(pod['terminationGracePeriodSeconds'], defaultGraceSeconds),
      ),
    ),
  };
}

/** `group 0` or `groups 0 to 2`. */
export function formatGroups(groups: readonly number[]): string {
  const [first] = groups;
  return groups.length === 1
    ? `group ${String(first)}`
    : `groups ${String(first)} to ${String(groups.at(-1))}`;
}

/** What happens to requests and cache of groups that stop. */
export function stopSentence(graceSeconds: number): string {
  return `Requests running on a group that stops have up to ${formatSeconds(graceSeconds)} to end, then they are cut; its prefix cache is lost.`;
}

/** Whole numbers from `start` up to `end`, `end` left out. */
export function range(start: number, end: number): number[] {
  return Array.from({ length: Math.max(0, end - start) }, (_, offset) => start + offset);
}

/** Resources with a domain in their name: devices and network cards, not CPUs or memory. */
function devicesOf(pod: JsonMap): Record<string, number> {
  const containers = Array.isArray(pod['containers']) ? pod['containers'] : [];
  const devices: Record<string, number> = {};
  for (const container of containers) {
    const { limits } = mapOf(mapOf(container)['resources']);
    for (const [name, amount] of Object.entries(mapOf(limits))) {
      if (name.includes('/')) devices[name] = (devices[name] ?? 0) + Number(amount);
    }
  }
  return devices;
}

function addDevices(
  leader: Readonly<Record<string, number>>,
  worker: Readonly<Record<string, number>>,
  workers: number,
): Record<string, number> {
  const sum: Record<string, number> = { ...leader };
  for (const [name, amount] of Object.entries(worker)) {
    sum[name] = (sum[name] ?? 0) + amount * workers;
  }
  return sum;
}

/** An absolute number or a percentage of `total`. */
function countOf(value: unknown, total: number, round: (value: number) => number): number {
  if (typeof value === 'number') return value;
  const percent = /^(\d+)%$/.exec(String(value))?.[1];
  return percent === undefined ? 0 : round((Number(percent) * total) / 100);
}

function numberOr(value: unknown, fallback: number): number {
  return typeof value === 'number' ? value : fallback;
}
