import { describe, expect, it, test } from 'vitest';
import { engines } from '../../../src/engines/index.ts';
import { findSignatures, firstCause } from '../../../src/health/signature/index.ts';
import { healthyAscend, healthySglang, healthyVllm } from './healthy-logs.ts';
import { type RealLog, realLogs } from './real-logs.ts';

const podName = (worker: number): string => (worker === 0 ? 'v32-0' : `v32-0-${worker}`);

function causeOf({ engine, pods }: Pick<RealLog, 'engine' | 'pods'>, skewSeconds = 0) {
  const findings = Object.entries(pods).flatMap(([worker, lines]) => {
    const log = lines
      .map(([second, text]) => {
        const ms =
          Date.parse('2026-11-24T10:00:00Z') + (second + Number(worker) * skewSeconds) * 1000;
        return `${new Date(ms).toISOString()} ${text}`;
      })
      .join('\n');
    return findSignatures(log, undefined, {
      engine,
      group: 'main',
      pool: 'h200',
      namespace: 'llm',
      pod: podName(Number(worker)),
      node: `node-${worker}`,
      podsPerGroup: 2,
      rdma: true,
      modelPath: '/models/DeepSeek-V3.2',
      milestones: engines[engine].logMilestones,
      ended: true,
    });
  });
  return firstCause(findings.filter(({ weight }) => weight !== 'degraded'));
}

describe('a failure as engines write it, over all pods of a group', () => {
  it.each(realLogs)('$what: $code', (log) => {
    const cause = causeOf(log);
    expect(cause).toMatchObject({ code: log.code, pod: podName(log.worker) });
    if (log.rank !== undefined) expect(cause?.rank).toBe(log.rank);
    expect(cause?.lines.join('\n')).toContain(log.shows);
    expect(cause?.lines.length).toBeLessThanOrEqual(3);
  });

  it.each(realLogs)('$what, by clocks five seconds apart', (log) => {
    for (const skew of [-5, 5]) {
      expect(causeOf(log, skew)).toMatchObject({ code: log.code, pod: podName(log.worker) });
    }
  });

  test.each([
    ['vllm', healthyVllm],
    ['sglang', healthySglang],
    ['vllm-ascend', healthyAscend],
  ] as const)('nothing is known about a healthy start of %s, even if it ended', (engine, log) => {
    expect(
      causeOf({ engine, pods: { 0: log.split('\n').map((text) => [1, text] as const) } }),
    ).toBeUndefined();
  });
});
