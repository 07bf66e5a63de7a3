import { describe, expect, test } from 'vitest';
import { type PlacedGroup, planLayout } from '../../src/layout/index.ts';
import { renderManifests } from '../../src/render/index.ts';
import { parseSpec } from '../../src/spec/index.ts';
import { aTemplateSpec } from '../render/a-layout.ts';
import { find, template } from '../render/find.ts';
import { readRepositoryFile } from '../render/repository-file.ts';

function variant(name: string) {
  const fileName = `test/fixtures/specs/${name}.yaml`;
  const result = parseSpec(readRepositoryFile(fileName), { fileName });
  if (result.kind === 'issues') throw new Error(JSON.stringify(result.issues));
  return planLayout(result.spec);
}

function only({ groups: [group] }: ReturnType<typeof planLayout>): PlacedGroup {
  if (group?.kind !== 'placed') throw new Error(`refused: ${JSON.stringify(group)}`);
  return group;
}

const single = planLayout(aTemplateSpec('mi355x-vllm-1-node'));

describe('V3.2-Exp with vLLM on MI355X', () => {
  test('runs as the recipe says: blocks of one token, BF16 cache, AITER', () => {
    const { args, env } = only(single).workloads[0] ?? { args: [], env: [] };
    expect(args.join(' ')).toContain('--block-size 1 --kv-cache-dtype bfloat16');
    expect(args.join(' ')).toContain('--max-num-batched-tokens 32768');
    expect(args).toContain('--disable-prefix-caching');
    expect(args).not.toContain('--kernel-config');
    for (const name of ['VLLM_ROCM_USE_AITER', 'VLLM_ROCM_USE_AITER_MOE', 'SAFETENSORS_FAST_GPU']) {
      expect(env).toContainEqual({ name, value: '1' });
    }
  });

  test('counts no workspace of Triton for the experts, since AITER keeps none', () => {
    const names = only(single).memory.overheads.map(({ name }) => name);
    expect(names).toContain('indexer key workspace');
    expect(names.join()).not.toContain('workspace of the experts');
  });

  test('says what is not proven, in the plan and on the object', () => {
    const codes = only(single).notes.map(({ code }) => code);
    expect(codes).toEqual(
      expect.arrayContaining(['ROCM_ACCURACY', 'CANARY_GATE', 'IMAGE_TAG_UNVERIFIED']),
    );
    const set = find(renderManifests(single), 'LeaderWorkerSet');
    expect(set.metadata.annotations?.['dsdeploy/unverified']).toContain('0.7058');
  });

  test('runs as root for a reason, and with nothing else', () => {
    const { access } = only(single);
    expect(access).toMatchObject({ user: { user: 0 }, capabilities: [], hostPaths: [] });
    expect(access.user.why).toContain('/dev/kfd');
  });

  test('auto stays with tensor ranks inside the node', () => {
    const spec = aTemplateSpec('mi355x-vllm-1-node');
    const groups = spec.groups.map((group) => ({ ...group, parallelism: 'auto' as const }));
    expect(only(planLayout({ ...spec, groups })).parallelism).toMatchObject({ tensor: 8, data: 1 });
  });
});

describe('V3.2-Exp with vLLM over two AMD nodes', () => {
  test('takes all eight rails with their networks', () => {
    const layout = variant('mi355x-vllm-2-nodes');
    const pod = template(layout, 'worker');
    expect(pod).toHaveProperty(
      ['metadata', 'annotations', 'k8s.v1.cni.cncf.io/networks'],
      [0, 1, 2, 3, 4, 5, 6, 7].map((rail) => `rdma/rail-${rail}`).join(','),
    );
    expect(pod).toHaveProperty(
      ['spec', 'containers', '0', 'resources', 'limits', 'amd.com/vnic'],
      '8',
    );
  });

  test('marks every choice that is proven for V3 only', () => {
    const unverified = only(variant('mi355x-vllm-2-nodes-mori')).notes.filter(
      (note) => note.unverified,
    );
    expect(unverified.map(({ code }) => code)).toEqual([
      'ROCM_ACCURACY',
      'ROCM_MULTI_NODE',
      'ROCM_MORI_IMAGE',
      'NOT_RUN_ON_HARDWARE',
    ]);
  });

  test('claims no published run for a backend that has none', () => {
    const { notes } = only(variant('mi355x-vllm-2-nodes'));
    expect(notes.find(({ code }) => code === 'ROCM_MULTI_NODE')?.message).toMatch(
      /^no published run has experts over allgather_reducescatter/,
    );
  });

  test('gives MoRI its heap and keeps RCCL off its cards', () => {
    const { workloads } = only(variant('mi355x-vllm-2-nodes-mori'));
    for (const { env, args } of workloads) {
      expect(args).toContain('mori_low_latency');
      expect(env).toContainEqual({ name: 'MORI_SHMEM_HEAP_SIZE', value: '17179869184' });
      expect(env).toContainEqual({ name: 'NCCL_IB_DISABLE', value: '1' });
    }
  });
});
