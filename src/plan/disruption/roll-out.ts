import type { Plan } from '../plan.ts';

/**
 * Seconds until the last group that a plan restarts or starts serves again; 0 where that is none, or not
 * known. Each LeaderWorkerSet rolls by itself, so that the slowest decides.
 */
export function rollOutSeconds({ changes }: Pick<Plan, 'changes'>): number {
  const times = changes.map((change) =>
    change.action === 'update' ? (change.disruption?.durationSeconds ?? 0) : 0,
  );
  return Math.max(0, ...times);
}
