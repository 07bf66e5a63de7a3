import { createHash } from 'node:crypto';
import { collectEvidence, packArchive } from '../../actions/evidence/index.ts';
import { readApiKey, readHealth, secretsOf } from '../../actions/health/index.ts';
import { assertFits, readLayout } from '../../actions/read-layout.ts';
import { isErrorCode, readSpecText } from '../../actions/read-spec.ts';
import { DsdeployError, type ExitCode, exitCode } from '../../errors/index.ts';
import { renderReport } from '../../ui/report/index.ts';
import { renderEvidence } from '../../ui/text/evidence.ts';
import type { Context } from '../context.ts';
import type { EvidenceDocument } from '../documents.ts';
import { interruptible } from './interruptible.ts';
import { readReportFacts } from './read-report.ts';
import {
  type ClusterArgs,
  type ResultArgs,
  readPorts,
  type SpecArgs,
  withCluster,
  withSession,
} from './with-session.ts';

export interface EvidenceArgs extends SpecArgs, ClusterArgs, ResultArgs {
  readonly canary: 'none' | 'quick' | 'full';
  readonly 'canary-context'?: number | undefined;
  readonly out: string;
  readonly force?: boolean | undefined;
}

/** Reads everything about a deployment and writes it as one archive. */
export function runEvidence(args: EvidenceArgs, context: Context): Promise<ExitCode> {
  return withSession(args, context, async (session) => {
    const ports = readPorts(session, context);
    await refuseExisting(args, context);
    // Read once: stdin can be read only once.
    const specText = await readSpecText(args.file, ports.files);
    const files = {
      readText: () => Promise.resolve(specText),
      readStdin: () => Promise.resolve(specText),
    };
    const layout = await readLayout(args, { ...ports, files });
    assertFits(layout, 'check');
    return withCluster(args, context, async (cluster) => {
      const { clock, signal } = context;
      session.host.notify({ code: 'STEP', level: 'info', text: 'Checking pods and leaders' });
      const { canary, 'canary-context': needleTokens } = args;
      const report = await interruptible(
        readHealth(layout, { cluster, clock }, { canary, needleTokens, signal }),
        signal,
      );
      session.host.notify({
        code: 'STEP',
        level: 'info',
        text: 'Reading logs, events and metrics',
      });
      const facts = await interruptible(
        readReportFacts(layout, report, { cluster, context }),
        signal,
      );
      const secrets = secretsOf(await readApiKey(layout, cluster, undefined));
      const request = { layout, specText, report: facts.report, facts, secrets, renderReport };
      const evidence = await interruptible(collectEvidence(cluster, request), signal);
      const archive = await packArchive(evidence);
      await writeArchive(args, archive, context);
      const document: EvidenceDocument = {
        apiVersion: 'dsdeploy/v1',
        kind: 'Evidence',
        file: args.out,
        bytes: archive.length,
        sha256: createHash('sha256').update(archive).digest('hex'),
        verdict: report.verdict,
        files: [...evidence.keys()].toSorted(),
      };
      session.print({ document, render: (style) => renderEvidence(document, style) });
      return exitCode.done;
    });
  });
}

/** Tells it before the minutes that a check of health may take. */
async function refuseExisting(
  { out, force }: EvidenceArgs,
  { files }: Pick<Context, 'files'>,
): Promise<void> {
  if (force === true) return;
  const isThere = await files.listFiles(out).then(
    () => true,
    () => false,
  );
  if (isThere) throw fileExists(out);
}

function fileExists(out: string): DsdeployError {
  return new DsdeployError('FILE_EXISTS', `Cannot write "${out}": it exists`, {
    subject: out,
    hint: 'Choose another name with --out, or replace a file with --force.',
  });
}

async function writeArchive(
  { out, force }: EvidenceArgs,
  archive: Uint8Array,
  { files }: Context,
): Promise<void> {
  try {
    await files.writeBytes(out, archive, { overwrite: force === true, isPrivate: true });
  } catch (cause) {
    if (isErrorCode(cause, 'EEXIST')) throw fileExists(out);
    throw new DsdeployError('FILE_UNWRITABLE', `Cannot write "${out}"`, {
      subject: out,
      hint: 'Check the folder, its permissions and the free space, or choose another place.',
      cause,
    });
  }
}
