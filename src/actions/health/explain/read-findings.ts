import pLimit from 'p-limit';
import {
  type Finding,
  findSignatures,
  orderFindings,
  type PodHealth,
  parsePodStatus,
} from '../../../health/index.ts';
import type { Layout, PlacedGroup } from '../../../layout/index.ts';
import type { HealthCluster } from '../ports.ts';
import { readConcurrency } from '../read-surroundings.ts';
import { readOr } from '../try-read.ts';
import { hasLog, maskSecrets } from './read-log.ts';
import { signatureContext } from './signature-context.ts';

/** Lines of one pod's log that are searched: from the last error back to the start it belongs to. */
const searchedLines = 2_000;

export interface FindingsRequest {
  readonly layout: Layout;
  readonly group: PlacedGroup;
  readonly pods: readonly PodHealth[];
  /** Replaced in log lines, for example the API key. */
  readonly secrets: readonly string[];
  /** Logs of lives that are over, by pod name; read instead of the present one. */
  readonly remembered?: ReadonlyMap<string, readonly string[]>;
}

/** Searches logs and statuses of some pods of a group for known failures, the one to blame first. */
export async function readFindings(
  cluster: HealthCluster,
  request: FindingsRequest,
): Promise<readonly Finding[]> {
  const limit = pLimit(readConcurrency);
  const findings = await Promise.all(
    request.pods.map((pod) => limit(() => readPodFindings(cluster, pod, request))),
  );
  return orderFindings(findings.flat());
}

async function readPodFindings(
  cluster: HealthCluster,
  pod: PodHealth,
  { layout, group, secrets, remembered }: FindingsRequest,
): Promise<readonly Finding[]> {
  const ref = { apiVersion: 'v1', kind: 'Pod', namespace: layout.spec.namespace, name: pod.name };
  const object = await readOr(undefined, () => cluster.get(ref));
  const status = object === undefined ? undefined : parsePodStatus(object);
  const { lastExit, restarts, verdict } = pod;
  // A container that restarted says why in its earlier life.
  const previous = restarts > 0 && lastExit !== undefined && verdict !== 'healthy';
  const memory = remembered?.get(pod.name)?.join('\n');
  const log = memory ?? (await readLog());
  const ended =
    memory !== undefined || previous || (lastExit !== undefined && verdict === 'unhealthy');
  return findSignatures(
    maskSecrets(log, secrets),
    status,
    signatureContext(layout, group, pod, ended),
  );

  async function readLog(): Promise<string> {
    if (!hasLog(pod)) return '';
    return readOr('', () =>
      cluster.readLogs(ref, {
        ...(previous ? { container: lastExit.container, previous } : {}),
        tailLines: searchedLines,
        timestamps: true,
      }),
    );
  }
}
