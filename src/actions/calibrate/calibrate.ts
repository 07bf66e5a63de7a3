import { mergeProfiles, type SiteProfileDocument } from '../../capacity/index.ts';
import { DsdeployError } from '../../errors/index.ts';
import { findGroup } from '../find-group.ts';
import {
  type Files,
  isErrorCode,
  type ReadPorts,
  readSpec,
  type SpecSource,
} from '../read-spec.ts';
import type { CalibrateResult } from './calibrate-result.ts';
import { type Learned, learnFromBenchmark, learnFromLogs } from './learn.ts';
import { parseProfile } from './parse-profile.ts';
import { readBenchmark } from './read-benchmark.ts';
import { checkContext, readLogs } from './read-logs.ts';

export interface CalibrateOptions extends SpecSource {
  readonly group?: string | undefined;
  readonly from:
    | { readonly kind: 'logs'; readonly path: string }
    | { readonly kind: 'benchmark'; readonly path: string };
  /** Profile to write; entries it has of other starts are kept. */
  readonly profile: string;
}

export interface CalibratePorts {
  readonly files: Files;
  /** For the spec, which may come from stdin. */
  readonly read: ReadPorts;
}

/** Learns from the site's own logs or benchmark, and writes it where `fit` and `estimate` find it. */
export async function calibrate(
  options: CalibrateOptions,
  ports: CalibratePorts,
): Promise<CalibrateResult> {
  const { files } = ports;
  const spec = await readSpec(options, ports.read);
  const group = findGroup(spec, options.group);
  const present = await presentProfile(options.profile, files);
  const { learned, readFrom } = await learn();
  const profile = mergeProfiles(present, learned);
  await writeProfile(options.profile, profile, files);
  return {
    apiVersion: 'dsdeploy/v1',
    kind: 'CalibrateResult',
    group: group.name,
    file: options.profile,
    readFrom,
    comparisons: learned.comparisons,
    profile,
  };

  async function learn(): Promise<{ learned: Learned; readFrom: readonly string[] }> {
    const { kind, path } = options.from;
    if (kind === 'logs') {
      const read = await readLogs(path, group.engine, files);
      checkContext(read.log, group, path);
      return { learned: learnFromLogs(spec, group, { log: read.log, path }), readFrom: read.files };
    }
    const runs = await readBenchmark(path, files);
    return { learned: learnFromBenchmark(spec, group, { runs, path }), readFrom: [path] };
  }
}

async function presentProfile(
  path: string,
  files: Pick<Files, 'readText'>,
): Promise<SiteProfileDocument> {
  let text: string;
  try {
    text = await files.readText(path);
  } catch (error) {
    // No profile yet is the usual case; any other trouble shows when it is written.
    if (!isErrorCode(error, 'ENOENT')) throw unwritable(path, error);
    const name = (path.split('/').at(-1) ?? path).replace(/\.json$/, '');
    return { apiVersion: 'dsdeploy/v1', kind: 'SiteProfile', name, memory: [], time: [] };
  }
  return parseProfile(text, path);
}

async function writeProfile(
  path: string,
  profile: SiteProfileDocument,
  files: Pick<Files, 'writeText'>,
): Promise<void> {
  try {
    await files.writeText(path, `${JSON.stringify(profile, null, 2)}\n`, { overwrite: true });
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

function unwritable(path: string, cause: unknown): DsdeployError {
  return new DsdeployError('FILE_UNWRITABLE', `Cannot write the site profile "${path}"`, {
    subject: path,
    hint: 'Name a file in a folder you may write to with --profile.',
    cause,
  });
}
