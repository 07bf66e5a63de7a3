import type { EngineRequest } from '../engine.ts';
import type { Role } from '../workload.ts';

type Placement = Pick<EngineRequest, 'parallelism' | 'podsPerGroup' | 'devicesPerPod' | 'group'>;

/** Replaced by the start script with worker index x ranks per pod; see `startRank`. */
export const startRankToken = '$(DSDEPLOY_START_RANK)';

/** Whether the ranks of one tensor and pipeline group lie on several nodes. */
export function spansNodes({
  parallelism,
  podsPerGroup,
  devicesPerPod,
}: Omit<Placement, 'group'>): boolean {
  return podsPerGroup > 1 && parallelism.tensor * parallelism.pipeline > devicesPerPod;
}

/** Data-parallel ranks each pod of the group runs. */
export function dataRanksPerPod({
  parallelism,
  podsPerGroup,
}: Pick<Placement, 'parallelism' | 'podsPerGroup'>): number {
  return parallelism.data / podsPerGroup;
}

/** Whether a role answers API requests: the leader always, a worker when it takes its own. */
export function servesRequests({ group }: Pick<Placement, 'group'>, role: Role): boolean {
  return role !== 'worker' || group.loadBalancing !== 'internal';
}

/** A literal where it is the same for all pods of a role, so that the manifest reads as it runs. */
export function startRank(request: Placement, role: Role): string {
  if (role !== 'worker') return '0';
  return request.podsPerGroup === 2 ? String(dataRanksPerPod(request)) : startRankToken;
}

/** Whether the start script has to work the start rank out. */
export function needsStartRank(request: Placement): boolean {
  return request.podsPerGroup > 2 && !spansNodes(request);
}
