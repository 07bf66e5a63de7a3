import { createHash } from 'node:crypto';
import pLimit from 'p-limit';
import type { Cluster } from '../../cluster/index.ts';
import { DsdeployError } from '../../errors/index.ts';
import { expectedEndpoints, type HealthReport, parseEvent } from '../../health/index.ts';
import type { Layout } from '../../layout/index.ts';
import { canonicalJson, type Manifest, refOf } from '../../manifest/index.ts';
import type { HealthCluster } from '../health/index.ts';
import { planOffline } from '../plan/index.ts';
import { toPlanRequest } from '../render/plan-request.ts';
import type { ManifestDigest, ReportFacts } from './report-facts.ts';
import { maskSecretsIn, secretsOfLayout } from './secret-mask.ts';

/** Lines of each log that go into an archive: a start and what came after it. */
const logTailLines = 20_000;

/** Logs and metrics read at once. */
const readConcurrency = 8;

export interface EvidenceRequest {
  readonly layout: Layout;
  /** The user's file as it is. */
  readonly specText: string;
  readonly report: HealthReport;
  readonly facts: ReportFacts;
  /** Known to whoever read the cluster, for example the API key. */
  readonly secrets: readonly string[];
  readonly renderReport: (facts: ReportFacts) => string;
}

export type EvidenceCluster = HealthCluster & Pick<Cluster, 'readTarget'>;

/**
 * Collects what somebody else needs to understand a deployment, by file name. What may not be read
 * is told in the file it would have been; no secret is in any of them.
 */
export async function collectEvidence(
  cluster: EvidenceCluster,
  request: EvidenceRequest,
): Promise<ReadonlyMap<string, string>> {
  const { layout, specText, report, facts, renderReport } = request;
  const secrets = [...request.secrets, ...secretsOfLayout(layout)];
  const [events, logs, metrics] = await Promise.all([
    readEvents(cluster, layout),
    readLogs(cluster, request),
    readMetrics(cluster, request),
  ]);
  const files = new Map([
    ['README.txt', readme(report)],
    ['report.html', renderReport(facts)],
    ['spec.yaml', specText],
    ['health.json', toJson(report)],
    ['plan.json', toJson(planOffline(toPlanRequest(layout)))],
    ['manifests.json', toJson(facts.manifests)],
    ['versions.json', toJson(facts.versions)],
    ['events.txt', events],
    ...logs,
    ...metrics,
  ]);
  return new Map([...files].map(([name, text]) => [name, maskSecretsIn(text, secrets)]));
}

/** Digests of desired objects, for comparing what two people have. */
export function digestManifests(manifests: readonly Manifest[]): readonly ManifestDigest[] {
  return manifests.map((manifest) => ({
    ref: refOf(manifest),
    sha256: createHash('sha256').update(canonicalJson(manifest)).digest('hex'),
  }));
}

function readme({ deployment, verdict }: HealthReport): string {
  return `Evidence about deployment ${deployment.name} in namespace ${deployment.namespace}: ${verdict}.

report.html     open it in a browser first
health.json     the same as data
spec.yaml       what was asked for
plan.json       the objects it stands for, not compared with any cluster
manifests.json  SHA-256 of each object
versions.json   dsdeploy, Kubernetes, model, engines, images
events.txt      events of the namespace, oldest first
logs/           each container, with the times of the kubelet; .previous is the life before
metrics/        what each port that serves the API counts

Keys and other secrets are masked. Logs may hold what users asked the model.
`;
}

async function readEvents(cluster: EvidenceCluster, { spec }: Layout): Promise<string> {
  const { namespace } = spec;
  return readOrSay('events', async () => {
    const objects = await cluster.list({ apiVersion: 'v1', kind: 'Event' }, { namespace });
    const lines = objects
      .flatMap((object) => parseEvent(object) ?? [])
      .toSorted((a, b) => a.lastSeen.localeCompare(b.lastSeen) || a.name.localeCompare(b.name))
      .map(
        ({ lastSeen, type, kind, name, reason, count, message }) =>
          `${lastSeen} ${type} ${kind}/${name} ${reason} x${String(count)}: ${message.replaceAll('\n', ' ')}`,
      );
    return `${lines.join('\n')}\n`;
  });
}

async function readLogs(
  cluster: EvidenceCluster,
  { report, layout }: EvidenceRequest,
): Promise<readonly (readonly [string, string])[]> {
  const { namespace } = layout.spec;
  const limit = pLimit(readConcurrency);
  const pods = report.groups.flatMap((group) => group.pods);
  const read = (name: string, previous: boolean) =>
    limit(async (): Promise<readonly (readonly [string, string])[]> => {
      const text = await readOrSay(`the log of ${name}`, () =>
        cluster.readLogs(
          { apiVersion: 'v1', kind: 'Pod', namespace, name },
          { tailLines: logTailLines, timestamps: true, ...(previous ? { previous } : {}) },
        ),
      );
      return text === '' ? [] : [[`logs/${name}${previous ? '.previous' : ''}.log`, text]];
    });
  const logs = await Promise.all(
    pods.flatMap(({ name, restarts }) => [
      read(name, false),
      ...(restarts > 0 ? [read(name, true)] : []),
    ]),
  );
  return logs.flat();
}

async function readMetrics(
  cluster: EvidenceCluster,
  { layout, report }: EvidenceRequest,
): Promise<readonly (readonly [string, string])[]> {
  const { namespace } = layout.spec;
  const limit = pLimit(readConcurrency);
  const ready = report.groups.flatMap((health) => {
    const group = layout.groups.find(({ name }) => name === health.group);
    if (group?.kind !== 'placed') return [];
    const healthy = new Set(
      health.pods.filter(({ verdict }) => verdict === 'healthy').map(({ name }) => name),
    );
    return expectedEndpoints(group).filter(({ pod }) => healthy.has(pod.name));
  });
  return Promise.all(
    ready.map(({ key, pod: { name }, port }) =>
      limit(async (): Promise<readonly [string, string]> => {
        const ref = { apiVersion: 'v1', kind: 'Pod', namespace, name };
        const text = await readOrSay(`the metrics of ${key}`, async () => {
          const forward = await cluster.openPortForward(ref, port);
          try {
            const reply = await fetch(`${forward.baseUrl}/metrics`, {
              signal: AbortSignal.timeout(10_000),
            });
            return await reply.text();
          } finally {
            await forward.close();
          }
        });
        return [`metrics/${key.replace(':', '-')}.txt`, text];
      }),
    ),
  );
}

/** What may not be read is evidence too. */
async function readOrSay(what: string, read: () => Promise<string>): Promise<string> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof DsdeployError && error.code === 'INTERRUPTED') throw error;
    return `dsdeploy could not read ${what}: ${error instanceof Error ? error.message : String(error)}\n`;
  }
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
