import { calibrate } from '../../actions/calibrate/index.ts';
import { DsdeployError, type ExitCode, exitCode } from '../../errors/index.ts';
import { renderCalibrate } from '../../ui/text/calibrate.ts';
import type { Context } from '../context.ts';
import { type ResultArgs, readPorts, type SpecArgs, withSession } from './with-session.ts';

export interface CalibrateArgs extends SpecArgs, ResultArgs {
  readonly 'from-logs'?: string | undefined;
  readonly 'from-bench'?: string | undefined;
  readonly group?: string | undefined;
  readonly profile: string;
}

/** Learns from logs or a benchmark and writes a site profile. */
export function runCalibrate(args: CalibrateArgs, context: Context): Promise<ExitCode> {
  const from = sourceOf(args);
  return withSession(args, context, async (session) => {
    const { file, namespace, group, profile } = args;
    const result = await calibrate(
      { file, namespace, group, profile, from },
      { files: context.files, read: readPorts(session, context) },
    );
    session.print({ document: result, render: (style) => renderCalibrate(result, style) });
    return exitCode.done;
  });
}

function sourceOf({ 'from-logs': logs, 'from-bench': bench }: CalibrateArgs) {
  if (logs !== undefined && bench === undefined) return { kind: 'logs', path: logs } as const;
  if (bench !== undefined && logs === undefined) return { kind: 'benchmark', path: bench } as const;
  const state = logs === undefined ? 'there is nothing to learn from' : 'there are two sources';
  throw new DsdeployError('USAGE', `Cannot calibrate: ${state}`, {
    hint: 'Give one of --from-logs FOLDER and --from-bench FILE.',
  });
}
