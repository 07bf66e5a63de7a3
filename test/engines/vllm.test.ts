import { describe, expect, test } from 'vitest';
import { engineReleases, findRelease } from '../../src/catalog/index.ts';
import { checkArguments } from '../../src/engines/argument-check.ts';
import { type PlacedGroup, planLayout } from '../../src/layout/index.ts';
import type { GroupSpec } from '../../src/spec/index.ts';
import { aGroup, aPool, aSpec } from '../fixtures/a-spec.ts';

function placed(group: Partial<GroupSpec> = {}, nodes = group.nodes ?? 2): PlacedGroup {
  const spec = aSpec({ pools: [aPool({ nodes })], groups: [aGroup(group)] });
  const [layout] = planLayout(spec).groups;
  if (layout?.kind !== 'placed') throw new Error(`refused: ${JSON.stringify(layout)}`);
  return layout;
}

function argsOf(layout: PlacedGroup, role: string): readonly string[] {
  const workload = layout.workloads.find((candidate) => candidate.role === role);
  if (workload === undefined) throw new Error(`no ${role}`);
  return workload.args;
}

function valueOf(args: readonly string[], flag: string): string | undefined {
  const index = args.indexOf(flag);
  return index < 0 ? undefined : args[index + 1];
}

describe('vllmWorkloads() of DP16 + EP16 on two nodes', () => {
  test('the leader serves with internal load balancing and no start rank', () => {
    const args = argsOf(placed(), 'leader');
    expect(args[0]).toBe('/models/DeepSeek-V3.2');
    expect(valueOf(args, '--tensor-parallel-size')).toBe('1');
    expect(valueOf(args, '--data-parallel-size')).toBe('16');
    expect(valueOf(args, '--data-parallel-size-local')).toBe('8');
    expect(valueOf(args, '--data-parallel-address')).toBe('$(LWS_LEADER_ADDRESS)');
    expect(valueOf(args, '--api-server-count')).toBe('8');
    expect(args).toContain('--enable-expert-parallel');
    expect(args).not.toContain('--data-parallel-start-rank');
    expect(args).not.toContain('--headless');
  });

  test('the worker is headless, starts at rank 8 and has no API flags', () => {
    const args = argsOf(placed(), 'worker');
    expect(args).toContain('--headless');
    expect(valueOf(args, '--data-parallel-start-rank')).toBe('8');
    expect(args).not.toContain('--api-server-count');
    expect(args).not.toContain('--port');
  });

  test('larger groups leave the start rank to the start script', () => {
    const layout = placed({
      nodes: 4,
      parallelism: { tensor: 1, data: 32, pipeline: 1, expert: true },
    });
    expect(valueOf(argsOf(layout, 'worker'), '--data-parallel-start-rank')).toBe(
      '$(DSDEPLOY_START_RANK)',
    );
    expect(layout.workloads[1]?.env).toContainEqual({ name: 'DSDEPLOY_RANKS_PER_POD', value: '8' });
  });

  test('all pods of a group get identical parallel and model flags', () => {
    const layout = placed();
    const roleOnly =
      /^--(headless|data-parallel-start-rank|api-server-count|port|served-model-name|enable-auto-tool-choice|tool-call-parser|default-chat-template-kwargs|override-generation-config|shutdown-timeout|disable-access-log-for-endpoints|enable-prompt-tokens-details)$/;
    const shared = (role: string) =>
      argsOf(layout, role).filter((arg) => arg.startsWith('--') && !roleOnly.test(arg));
    expect(shared('worker')).toEqual(shared('leader'));
  });

  test('the worker has no probe, the leader asks /health for as long as a load may take', () => {
    const [leader, worker] = placed().workloads;
    expect(worker?.probes).toBeUndefined();
    expect(leader?.probes?.startup).toMatchObject({ path: '/health', failureThreshold: 300 });
  });

  test('the worker outlives the drain of the leader', () => {
    const [leader, worker] = placed().workloads;
    expect(worker?.shutdown.preStopSeconds).toBe(135);
    expect(leader?.shutdown).toEqual({ preStopSeconds: 15, graceSeconds: 165 });
  });

  test('the engine waits as long as the probe, and only the leader holds the key', () => {
    const [leader, worker] = placed().workloads;
    expect(leader?.env).toContainEqual({ name: 'VLLM_ENGINE_READY_TIMEOUT_S', value: '3000' });
    expect(leader?.env.some(({ name }) => name === 'VLLM_API_KEY')).toBe(true);
    expect(worker?.env.some(({ name }) => name === 'VLLM_API_KEY')).toBe(false);
  });

  test('Gloo and NCCL are told their interface, NCCL its devices and GID', () => {
    const env = placed().workloads[1]?.env;
    expect(env).toContainEqual({ name: 'GLOO_SOCKET_IFNAME', value: 'eth0' });
    expect(env).toContainEqual({ name: 'NCCL_SOCKET_IFNAME', value: 'eth0' });
    expect(env).toContainEqual({ name: 'NCCL_IB_HCA', value: 'mlx5_0,mlx5_1' });
    expect(env).toContainEqual({ name: 'NCCL_IB_GID_INDEX', value: '3' });
  });
});

describe('vLLM command lines', () => {
  const groups: { name: string; group: Partial<GroupSpec> }[] = [
    { name: 'DP16 + EP16', group: {} },
    {
      name: 'TP2 x DP4 + EP8 with MTP and FP8 cache',
      group: {
        nodes: 1,
        parallelism: { tensor: 2, data: 4, pipeline: 1, expert: true },
        mtpTokens: 1,
        kvCache: 'fp8',
        maxBatchedTokens: 8192,
      },
    },
    {
      name: 'TP8',
      group: { nodes: 1, parallelism: { tensor: 8, data: 1, pipeline: 1, expert: false } },
    },
  ];
  const vllmReleases = engineReleases.filter(({ engine }) => engine === 'vllm');
  const cases = vllmReleases.flatMap((release) =>
    groups.map(({ name, group }) => ({ release, name, group })),
  );

  test.each(cases)('$name is accepted by the parser of $release.version', ({ release, group }) => {
    const layout = placed({ ...group, release: release.version });
    for (const workload of layout.workloads) {
      expect(checkArguments(workload.args.slice(1), release)).toEqual([]);
    }
  });
});

describe('checkArguments()', () => {
  const release = findRelease('vllm', '0.33.0');
  if (release === undefined) throw new Error('no release');

  test.each([
    { args: ['--max-num-seqs', '64'], codes: [] },
    { args: ['--max-num-seqs=64'], codes: [] },
    { args: ['--kernel-config.moe_backend', 'deep_gemm'], codes: [] },
    { args: ['--max-num-seqs'], codes: ['ENGINE_ARGUMENT_NEEDS_VALUE'] },
    { args: ['--max-num-seqs', 'many'], codes: ['ENGINE_ARGUMENT_TYPE'] },
    { args: ['--max-num-seq', '64'], codes: ['ENGINE_ARGUMENT_UNKNOWN'] },
    { args: ['--no-enable-prefix-caching'], codes: ['ENGINE_ARGUMENT_UNKNOWN'] },
    { args: ['--headless', 'yes'], codes: ['ENGINE_ARGUMENT_TAKES_NO_VALUE'] },
    { args: ['--block-size', '-1'], codes: [] },
  ])('$args gives $codes', ({ args, codes }) => {
    expect(checkArguments(args, release).map(({ code }) => code)).toEqual(codes);
  });
});
