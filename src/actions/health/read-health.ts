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
import { type Answers, readObjects, scaleLayout, toFacts } from './object-readings.ts';
import type { HealthPorts } from './ports.ts';
import { defaultProbeTimeoutsMs } from './probe-endpoint.ts';
import { probeEndpoints, readyEndpoints } from './probe-endpoints.ts';
import { readApiKey, secretsOf } from './read-api-key.ts';
import { readService } from './read-service.ts';
import { noSurroundings, readSurroundings, type Surroundings } from './read-surroundings.ts';

export interface ReadHealthOptions {
  /** What each endpoint is asked besides its health, its metrics and its models. */
  readonly canary: Canary;
  /**
   * Tokens of the longest question of a full canary.
   *
   * @default 8192, or half of what a group takes when that is less
   */
  readonly needleTokens?: number | undefined;
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
 * Reads what is true now: the objects, every pod of the layout, the Service, and the answers of
 * every ready pod that serves. Changes nothing in the cluster. What could not be checked is `unknown` in the report.
 */
export async function readHealth(
  wanted: Layout,
  ports: HealthPorts,
  options: ReadHealthOptions,
): Promise<HealthReport> {
  const { canary, signal } = options;
  const { namespace } = wanted.spec;
  const objects = await readObjects(wanted, ports);
  const { layout, scalings } = scaleLayout(wanted, objects);
  const judge = (surroundings: Surroundings, asked: { probes: Answers; service: Answers }) =>
    judgeGroups(
      layout,
      (group) => toFacts(group, { objects, scalings, surroundings, ...asked }),
      canary,
    );
  const first = judge(noSurroundings, { probes: new Map(), service: new Map() });
  throwIfInterrupted(signal, 'read health');
  const apiKey = await readApiKey(layout, ports.cluster, options.apiKey);
  const timeoutsMs = { ...defaultProbeTimeoutsMs, ...options.timeoutsMs };
  const settings = { apiKey, signal };
  const [surroundings, probes, service] = await Promise.all([
    readSurroundings(ports.cluster, { namespace, groups: first, nodes: 'all' }),
    probeEndpoints(layout, ports, readyEndpoints(layout, first), {
      ...settings,
      canary,
      needleTokens: options.needleTokens,
      timeoutsMs,
    }),
    readService(layout, ports, { ...settings, timeoutMs: timeoutsMs.models, groups: first }),
  ]).catch((error: unknown) => {
    throwIfInterrupted(signal, 'read health');
    throw error;
  });
  const groups = judge(surroundings, { probes, service });
  const report = toReport(layout, groups);
  const cause = findCause(groups);
  if (cause === undefined) return report;
  const secrets = secretsOf(apiKey);
  const evidence = { groups, events: surroundings.events, secrets, layout };
  return { ...report, cause: await explainCause(ports.cluster, cause, evidence) };
}
