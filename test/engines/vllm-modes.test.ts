import { describe, expect, test } from 'vitest';
import { type PlacedGroup, planLayout } from '../../src/layout/index.ts';
import type { GroupSpec } from '../../src/spec/index.ts';
import { aGroup, aPool, aSpec } from '../fixtures/a-spec.ts';

function placed(group: Partial<GroupSpec> = {}): PlacedGroup {
  const pools = [aPool({ nodes: group.nodes ?? 2 })];
  const [layout] = planLayout(aSpec({ pools, groups: [aGroup(group)] })).groups;
  if (layout?.kind !== 'placed') throw new Error(`refused: ${JSON.stringify(layout)}`);
  return layout;
}

function flagsOf(layout: PlacedGroup, role: 'leader' | 'worker' | 'single') {
  const workload = layout.workloads.find((candidate) => candidate.role === role);
  if (workload === undefined) throw new Error(`no ${role}`);
  const { args } = workload;
  return (flag: string) => {
    const index = args.indexOf(flag);
    if (index < 0) return undefined;
    const next = args[index + 1];
    return next === undefined || next.startsWith('--') ? true : next;
  };
}

const wide = { tensor: 1, data: 16, pipeline: 1, expert: true } as const;

describe('tensor and pipeline ranks over nodes', () => {
  test.each([
    { parallelism: { tensor: 16, data: 1, pipeline: 1, expert: false } },
    { parallelism: { tensor: 8, data: 1, pipeline: 2, expert: false } },
  ])('meet at the leader without Ray: $parallelism', (group) => {
    const layout = placed(group);
    for (const role of ['leader', 'worker'] as const) {
      const flag = flagsOf(layout, role);
      expect(flag('--nnodes')).toBe('2');
      expect(flag('--node-rank')).toBe('$(LWS_WORKER_INDEX)');
      expect(flag('--master-addr')).toBe('$(LWS_LEADER_ADDRESS)');
      expect(flag('--distributed-executor-backend')).toBe('mp');
      expect(flag('--data-parallel-size')).toBeUndefined();
      expect(flag('--headless')).toBe(role === 'worker' ? true : undefined);
    }
  });

  test('cost a warning where every layer crosses the network', () => {
    const parallelism = { tensor: 16, data: 1, pipeline: 1, expert: false };
    expect(placed({ parallelism }).notes.map(({ code }) => code)).toContain(
      'VLLM_TENSOR_OVER_NODES',
    );
  });
});

describe('hybrid load balancing', () => {
  const layout = placed({ parallelism: wide, loadBalancing: 'hybrid' });

  test('gives every pod a server for its own ranks', () => {
    expect(layout.workloads.map(({ apiPorts }) => apiPorts)).toEqual([['http'], ['http']]);
    expect(flagsOf(layout, 'leader')('--data-parallel-start-rank')).toBe('0');
    expect(flagsOf(layout, 'worker')('--data-parallel-start-rank')).toBe('8');
    for (const role of ['leader', 'worker'] as const) {
      const flag = flagsOf(layout, role);
      expect(flag('--data-parallel-hybrid-lb')).toBe(true);
      expect(flag('--headless')).toBeUndefined();
      expect(flag('--api-server-count')).toBe('8');
    }
  });

  test('probes every pod and gives each the API key', () => {
    for (const { probes, env } of layout.workloads) {
      expect(probes?.readiness).toMatchObject({ path: '/health', port: 'http' });
      expect(env.some(({ name }) => name === 'VLLM_API_KEY')).toBe(true);
    }
  });
});

describe('multi-port load balancing', () => {
  const layout = placed({ parallelism: wide, loadBalancing: 'multi-port' });

  test('opens one port per local rank and asks the supervisor', () => {
    for (const { ports, apiPorts, probes } of layout.workloads) {
      expect(apiPorts).toEqual(['http', ...[1, 2, 3, 4, 5, 6, 7].map((rank) => `http-${rank}`)]);
      expect(ports).toContainEqual({ name: 'http-7', port: 8007 });
      expect(ports).toContainEqual({ name: 'supervisor', port: 9256 });
      expect(probes).toMatchObject({
        startup: { path: '/health', port: 'supervisor' },
        readiness: { path: '/readyz', port: 'supervisor' },
        liveness: { path: '/health', port: 'supervisor' },
      });
    }
  });

  test('leaves the number of front ends to the supervisor', () => {
    expect(flagsOf(layout, 'leader')('--data-parallel-supervisor-port')).toBe('9256');
    expect(flagsOf(layout, 'leader')('--api-server-count')).toBeUndefined();
  });

  test('tells that a router has to know the ports', () => {
    expect(layout.notes.map(({ code }) => code)).toContain('VLLM_MULTI_PORT_LB');
  });

  test('also serves one node', () => {
    const parallelism = { tensor: 2, data: 4, pipeline: 1, expert: true };
    const single = placed({ nodes: 1, parallelism, loadBalancing: 'multi-port' });
    expect(flagsOf(single, 'single')('--data-parallel-size-local')).toBe('4');
    expect(single.workloads[0]?.apiPorts).toHaveLength(4);
  });
});

describe('expert balancing and all-to-all', () => {
  const parallelism = { tensor: 1, data: 32, pipeline: 1, expert: true };
  const layout = placed({ nodes: 4, parallelism, redundantExperts: 32 });

  test('places one more expert on each of 32 ranks', () => {
    const flag = flagsOf(layout, 'leader');
    expect(flag('--enable-eplb')).toBe(true);
    expect(JSON.parse(String(flag('--eplb-config')))).toMatchObject({ num_redundant_experts: 32 });
    expect(layout.notes.find(({ code }) => code === 'VLLM_EPLB')?.message).toContain(
      '1 on each rank',
    );
  });

  test('costs the memory of that expert in every layer', () => {
    const without = placed({ nodes: 4, parallelism }).memory.weightsBytesPerRank;
    const difference = (layout.memory.weightsBytesPerRank - without) / 2 ** 30;
    expect(difference).toBeCloseTo(2.38, 1);
  });

  test('auto takes the backend that runs on any fabric and says so', () => {
    expect(flagsOf(layout, 'worker')('--all2all-backend')).toBe('allgather_reducescatter');
    expect(layout.notes.find(({ code }) => code === 'VLLM_ALL2ALL_DEFAULT')?.message).toContain(
      'any fabric',
    );
  });

  test('DeepEP gets its NVSHMEM settings and the capability it needs', () => {
    const deepEp = placed({ nodes: 4, parallelism, allToAll: 'deepep_low_latency' });
    const env = deepEp.workloads[1]?.env;
    expect(env).toContainEqual({ name: 'NVSHMEM_REMOTE_TRANSPORT', value: 'ibgda' });
    expect(env).toContainEqual({ name: 'NVSHMEM_BOOTSTRAP_UID_SOCK_IFNAME', value: 'eth0' });
    expect(deepEp.access.capabilities.map(({ name }) => name)).toEqual(['SYS_RAWIO']);
  });
});

describe('a KV connector', () => {
  const connector = '--kv-transfer-config={"kv_connector":"NixlConnector","kv_role":"kv_both"}';

  test("is offered under the pod's own address", () => {
    const layout = placed({ extraArgs: [connector] });
    expect(layout.workloads[0]?.env).toContainEqual({
      name: 'VLLM_NIXL_SIDE_CHANNEL_HOST',
      fieldPath: 'status.podIP',
    });
    expect(layout.notes.map(({ code }) => code)).toContain('VLLM_KV_CONNECTOR');
  });
});

describe('the environment', () => {
  test('names each variable once, the value of the user last', () => {
    const layout = placed({ extraEnv: { NCCL_DEBUG: 'WARN' } });
    for (const { env } of layout.workloads) {
      const names = env.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      expect(env).toContainEqual({ name: 'NCCL_DEBUG', value: 'WARN' });
    }
  });
});
