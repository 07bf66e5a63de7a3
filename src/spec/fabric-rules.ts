import { findAccelerator } from '../catalog/index.ts';
import type { Draft } from './draft.ts';
import { type Finding, formatPath, type SpecPath } from './issue.ts';

/** What a pool must say about its network, given the groups on it. */
export const fabricRules: readonly ((draft: Draft) => readonly Finding[])[] = [
  fabricIsKnownAcrossNodes,
  roceHasGidIndex,
  hostNetworkHasInterface,
];

const findInterface =
  'Run `ip -br addr` in a pod of the pool, or on a node with hostNetwork, and add for example socketInterface: eth0.';

const findRdma =
  'Run `kubectl describe node NODE | grep -i rdma` and add rdma with that resource, or rdma: none for plain TCP.';

function fabricIsKnownAcrossNodes({ pools, groups }: Draft): Finding[] {
  return Object.entries(pools).flatMap(([pool, { accelerator, fabric }]) => {
    const spanning = groups.find((group) => group.pool === pool && (group.nodes ?? 1) > 1);
    if (spanning === undefined) return [];
    const path: SpecPath = ['pools', pool, 'fabric'];
    const reason = `group "${spanning.name ?? '?'}" spans ${spanning.nodes} nodes`;
    return [
      { key: 'socketInterface', value: fabric?.socketInterface, hint: findInterface },
      ...(bringsNetwork(accelerator) ? [] : [{ key: 'rdma', value: fabric?.rdma, hint: findRdma }]),
    ].flatMap(({ key, value, hint }) => {
      if (value !== undefined) return [];
      const message = `${formatPath([...path, key])} is missing, and ${reason}`;
      return [{ code: 'FABRIC_MISSING', path: [...path, key], at: 'key', message, hint }];
    });
  });
}

/** Ascend devices have network ports of their own, which no RDMA device plugin hands out. */
function bringsNetwork(accelerator: string | undefined): boolean {
  return findAccelerator(accelerator ?? '')?.vendor === 'huawei';
}

function roceHasGidIndex({ pools }: Draft): Finding[] {
  return Object.entries(pools).flatMap(([pool, { fabric }]) => {
    const rdma = fabric?.rdma;
    if (rdma === undefined || rdma === 'none') return [];
    if (rdma.linkLayer !== 'roce' || rdma.gidIndex !== undefined) return [];
    const path: SpecPath = ['pools', pool, 'fabric', 'rdma', 'gidIndex'];
    return [
      {
        code: 'GID_INDEX_MISSING',
        path,
        at: 'key',
        message: `${formatPath(path)} is missing, and RoCE needs it`,
        hint: 'Run `show_gids` on a node and take the index of the RoCE v2 row with the IPv4 address, often 3.',
      },
    ];
  });
}

function hostNetworkHasInterface({ pools, groups }: Draft): Finding[] {
  return Object.entries(pools).flatMap(([pool, { fabric }]) => {
    if (fabric?.hostNetwork !== true || fabric.socketInterface !== undefined) return [];
    // Reported as FABRIC_MISSING already when a group spans nodes.
    if (groups.some((group) => group.pool === pool && (group.nodes ?? 1) > 1)) return [];
    const path: SpecPath = ['pools', pool, 'fabric', 'socketInterface'];
    const message = `${formatPath(path)} is missing, and hostNetwork shows the engine every interface of the node`;
    return [
      { code: 'HOST_NETWORK_WITHOUT_INTERFACE', path, at: 'key', message, hint: findInterface },
    ];
  });
}
