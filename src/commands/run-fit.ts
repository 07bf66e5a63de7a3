import { readLayout } from '../actions/read-layout.ts';
import { type ExitCode, exitCode } from '../errors/index.ts';
import type { Context } from './context.ts';
import { layoutResult } from './results.ts';
import { type ResultArgs, readPorts, type SpecArgs, withSession } from './with-session.ts';

/** Lays a spec out and shows the memory of its ranks. */
export function runFit(args: SpecArgs & ResultArgs, context: Context): Promise<ExitCode> {
  return withSession(args, context, async (session) => {
    const layout = await readLayout(args, readPorts(session, context));
    session.print(layoutResult(layout));
    return layout.fits ? exitCode.done : exitCode.specInvalid;
  });
}
