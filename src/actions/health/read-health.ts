import {
  type Canary,
  findCause,
  type HealthReport,
  judgeGroups,
  type ProbeId,
  toReport,
} from '../../health/index.ts';
import type { Layout } from '../../layout/index.ts';
import { explainCause } from './explain.ts';
import { throwIfInterrupted } from './interruption.ts';
import { type Answers, readObjects, toFacts } from './object-readings.ts';
import type { HealthPorts } from './ports.ts';
import { defaultProbeTimeoutsMs } from './probe-leader.ts';
import { probeLeaders, readyLeaders } from './probe-leaders.ts';
import { readApiKey, secretsOf } from './read-api-key.ts';
import { noSurroundings, readSurroundings, type Surroundings } from './read-surroundings.ts';

export interface ReadHealthOptions {
  /** Whether each leader is asked one short question, besides its health and its models. */
  readonly canary: Canary;
  /**
   * Key to ask with.
   *
   * @default - the one in the Secret of the spec, when there is one.
   */
  readonly apiKey?: string | undefined;
  /**
   * Milliseconds per probe.
   *
   * @default defaultProbeTimeoutsMs
   */
  readonly timeoutsMs?: Partial<Record<ProbeId, number>> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads what is true now: the objects, every pod of the layout, and the answers of every ready
 * leader. Changes nothing in the cluster. What could not be checked is `unknown` in the report.
 */
export async function readHealth(
  layout: Layout,
  ports: HealthPorts,
  options: ReadHealthOptions,
): Promise<HealthReport> {
  const { canary, signal } = options;
  const { namespace } = layout.spec;
  const objects = await readObjects(layout, ports);
  const judge = (surroundings: Surroundings, probes: Answers) =>
    judgeGroups(layout, (group) => toFacts(group, { objects, surroundings, probes }), canary);
  const first = judge(noSurroundings, new Map());
  throwIfInterrupted(signal, 'read health');
  const leaders = readyLeaders(layout, first);
  const apiKey = await readApiKey(layout, ports.cluster, options.apiKey);
  const timeoutsMs = { ...defaultProbeTimeoutsMs, ...options.timeoutsMs };
  const [surroundings, probes] = await Promise.all([
    readSurroundings(ports.cluster, { namespace, groups: first, nodes: 'all' }),
    probeLeaders(layout, ports, leaders, { canary, apiKey, timeoutsMs, signal }),
  ]).catch((error: unknown) => {
    throwIfInterrupted(signal, 'read health');
    throw error;
  });
  const groups = judge(surroundings, probes);
  const report = toReport(layout, groups);
  const cause = findCause(groups);
  if (cause === undefined) return report;
  const secrets = secretsOf(apiKey);
  const evidence = { groups, events: surroundings.events, secrets };
  return { ...report, cause: await explainCause(ports.cluster, cause, evidence) };
}
