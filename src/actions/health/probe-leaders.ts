import pLimit from 'p-limit';
import {
  type Canary,
  type Check,
  expectedLeaders,
  type GroupHealth,
  placedGroups,
  requiredProbes,
} from '../../health/index.ts';
import type { Layout } from '../../layout/index.ts';
import type { HealthPorts } from './ports.ts';
import { type LeaderQuestion, probeLeader } from './probe-leader.ts';
import { readConcurrency } from './read-surroundings.ts';

export type ProbeSettings = Pick<LeaderQuestion, 'apiKey' | 'timeoutsMs' | 'signal'> & {
  readonly canary: Canary;
};

/** Names of the leaders that are ready, which are the only ones worth asking. */
export function readyLeaders(layout: Layout, groups: readonly GroupHealth[]): readonly string[] {
  const ready = new Set(
    groups
      .flatMap(({ pods }) => pods)
      .filter(({ verdict }) => verdict === 'healthy')
      .map(({ name }) => name),
  );
  return placedGroups(layout)
    .flatMap((group) => expectedLeaders(group))
    .map(({ name }) => name)
    .filter((name) => ready.has(name));
}

/** Asks leaders side by side; returns their checks by pod name. */
export async function probeLeaders(
  layout: Layout,
  ports: HealthPorts,
  leaders: readonly string[],
  { canary, ...settings }: ProbeSettings,
): Promise<ReadonlyMap<string, readonly Check[]>> {
  const { namespace, api } = layout.spec;
  const limit = pLimit(readConcurrency);
  const answers = await Promise.all(
    leaders.map((pod) =>
      limit(async () => {
        const target = { namespace, pod, servedModelNames: api.servedModelNames };
        const probes = requiredProbes(canary);
        const checks = await probeLeader(ports, { target, port: api.port, probes, ...settings });
        return [pod, checks] as const;
      }),
    ),
  );
  return new Map(answers);
}
