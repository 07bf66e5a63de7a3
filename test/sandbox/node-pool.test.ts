import { describe, expect, test } from 'vitest';

import { nodeKinds, nodeObjects, planNodes } from '../../src/sandbox/node-pool.ts';

describe('nodeObjects()', () => {
  test.each([
    { kind: 'h200', resource: 'nvidia.com/gpu', count: '8', arch: 'amd64' },
    { kind: 'mi355x', resource: 'amd.com/gpu', count: '8', arch: 'amd64' },
    { kind: 'ascend-a2', resource: 'huawei.com/Ascend910', count: '8', arch: 'arm64' },
    { kind: 'ascend-a3', resource: 'huawei.com/Ascend910', count: '16', arch: 'arm64' },
  ] as const)(
    'gives $kind its accelerators and architecture',
    ({ kind, resource, count, arch }) => {
      const [node] = nodeObjects([{ kind, count: 1 }], 'v1.36.3');
      expect(node?.metadata.labels['kubernetes.io/arch']).toBe(arch);
      for (const field of ['capacity', 'allocatable'] as const) {
        expect(node?.status[field]).toMatchObject({
          [resource]: count,
          'rdma/rdma_shared_device_a': '8',
        });
      }
    },
  );

  test.each([
    { kind: 'h200', label: 'nvidia.com/gpu.product', value: 'NVIDIA-H200' },
    { kind: 'mi355x', label: 'amd.com/gpu.device-id', value: '75a3' },
    { kind: 'ascend-a2', label: 'accelerator-type', value: 'module-910b-8' },
    { kind: 'ascend-a3', label: 'accelerator-type', value: 'module-a3-16' },
  ] as const)('labels $kind as its vendor does', ({ kind, label, value }) => {
    const [node] = nodeObjects([{ kind, count: 1 }], 'v1.36.3');
    expect(node?.metadata.labels[label]).toBe(value);
  });

  test('gives MI355X nodes the virtual functions of AMD network cards', () => {
    const [node] = nodeObjects([{ kind: 'mi355x', count: 1 }], 'v1.36.3');
    expect(node?.status['allocatable']).toMatchObject({ 'amd.com/vnic': '8' });
  });

  test('gives every node an address of its own that Endpoints accept', () => {
    const addresses = nodeObjects([{ kind: 'h200', count: 300 }], 'v1.36.3').map(
      ({ status }) => (status['addresses'] as { type: string; address: string }[])[0],
    );
    expect(new Set(addresses.map((entry) => entry?.address)).size).toBe(300);
    expect(addresses[0]).toEqual({ type: 'InternalIP', address: '198.18.0.1' });
    expect(addresses[255]).toEqual({ type: 'InternalIP', address: '198.18.1.0' });
  });

  test('leaves the system some CPU and memory', () => {
    const [node] = nodeObjects([{ kind: 'h200', count: 1 }], 'v1.36.3');
    expect(node?.status['capacity']).toMatchObject({ cpu: '192', memory: '2048Gi' });
    expect(node?.status['allocatable']).toMatchObject({ cpu: '190', memory: '2040Gi' });
  });

  test('adds labels and taints of the pool', () => {
    const taints = [{ key: 'dedicated', value: 'ml', effect: 'NoSchedule' as const }];
    const labels = { 'topology.kubernetes.io/zone': 'hall-2' };
    const [node] = nodeObjects([{ kind: 'h200', count: 1, labels, taints }], 'v1.36.3');
    expect(node?.metadata.labels['topology.kubernetes.io/zone']).toBe('hall-2');
    expect(node?.spec.taints).toEqual(taints);
  });
});

describe('planNodes()', () => {
  test('counts nodes per kind over several pools', () => {
    const names = planNodes([
      { kind: 'h200', count: 2 },
      { kind: 'mi355x', count: 1 },
      { kind: 'h200', count: 1 },
    ]).map(({ name }) => name);
    expect(names).toEqual(['h200-0', 'h200-1', 'mi355x-0', 'h200-2']);
  });

  test('knows every kind', () => {
    expect(planNodes(nodeKinds.map((kind) => ({ kind, count: 1 })))).toHaveLength(4);
  });
});
