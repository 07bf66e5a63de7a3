import { type HostNeed, hostNeeds } from '../../capacity/index.ts';
import type { GroupFacts } from '../../layout/index.ts';
import type { PoolSpec } from '../../spec/index.ts';
import { parseBytes } from '../../units/index.ts';
import type { HostCheck } from './fit-result.ts';

/** Holds what one pod needs of its node against what the spec gives it. */
export function checkHost(
  { model, group, pool, accelerator }: GroupFacts,
  devicesPerPod: number,
): HostCheck[] {
  const needs = hostNeeds({ model, devicesPerPod, podsPerGroup: group.nodes });
  const given = givenBy(pool);
  return [
    {
      name: 'devices',
      unit: 'devices',
      amount: devicesPerPod,
      given: pool.devicesPerNode,
      kind: 'required',
      label: 'exact',
      source: `devices of one node; ${accelerator.name} nodes have ${accelerator.devicesPerNode}`,
      verdict: pool.devicesPerNode >= devicesPerPod ? 'enough' : 'too little',
    },
    ...needs.map((need) => checkNeed(need, given[need.name])),
  ];
}

function givenBy({ pod, fabric }: PoolSpec): Readonly<Partial<Record<HostNeed['name'], number>>> {
  const { rdma } = fabric;
  const bytes = {
    memory: parseBytes(pod.memory),
    'page-cache': parseBytes(pod.memory),
    'shared-memory': parseBytes(pod.sharedMemory),
    'ephemeral-storage': parseBytes(pod.ephemeralStorage),
    'rdma-devices': rdma === undefined || rdma === 'none' ? 0 : rdma.count,
  };
  return Object.fromEntries(Object.entries(bytes).filter(([, value]) => value !== undefined));
}

function checkNeed(need: HostNeed, given: number | undefined): HostCheck {
  const unit = need.name === 'rdma-devices' ? 'devices' : 'bytes';
  if (given === undefined) return { ...need, unit, verdict: 'not known' };
  return { ...need, unit, given, verdict: given >= need.amount ? 'enough' : 'too little' };
}
