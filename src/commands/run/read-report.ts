import { digestManifests, type ReportFacts, versionFacts } from '../../actions/evidence/index.ts';
import { addFindings, addTimeline, TimelineFeed } from '../../actions/health/index.ts';
import { toPlanRequest } from '../../actions/render/plan-request.ts';
import type { Cluster } from '../../cluster/index.ts';
import { DsdeployError } from '../../errors/index.ts';
import type { HealthReport } from '../../health/index.ts';
import type { Layout } from '../../layout/index.ts';
import { renderReport } from '../../ui/report/index.ts';
import type { Context } from '../context.ts';

export interface ReportPorts {
  readonly cluster: Cluster;
  readonly context: Pick<Context, 'clock' | 'version' | 'files'>;
}

/** Adds to a report what its page shows: how every pod started, and what the logs are known for. */
export async function readReportFacts(
  layout: Layout,
  report: HealthReport,
  { cluster, context }: ReportPorts,
): Promise<ReportFacts> {
  const { clock, version } = context;
  const feed = new TimelineFeed(layout, { cluster, clock });
  const timed =
    report.timeline === undefined ? await addTimeline(layout, { cluster, feed }, report) : report;
  const { serverVersion } = await cluster.readTarget();
  return {
    report: await addFindings(layout, cluster, timed),
    layout,
    manifests: digestManifests(toPlanRequest(layout).manifests),
    versions: versionFacts(layout, { dsdeploy: version, kubernetes: serverVersion }),
    readAtMs: clock.nowMs(),
  };
}

/** Writes the page of a report; an older one at the same place is replaced. */
export async function writeReport(
  path: string,
  facts: ReportFacts,
  { files }: Pick<Context, 'files'>,
): Promise<void> {
  try {
    await files.writeText(path, renderReport(facts), { overwrite: true });
  } catch (cause) {
    throw new DsdeployError('FILE_UNWRITABLE', `Cannot write "${path}"`, {
      subject: path,
      hint: 'Check the folder, its permissions and the free space, or choose another place.',
      cause,
    });
  }
}
