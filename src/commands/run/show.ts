import { readSavedPlan } from '../../actions/saved-plan/index.ts';
import { type ExitCode, exitCode } from '../../errors/index.ts';
import type { Context } from '../context.ts';
import { planResult } from './results.ts';
import { type ResultArgs, withSession } from './with-session.ts';

export interface ShowArgs extends ResultArgs {
  readonly 'plan-file': string;
}

/** Prints a saved plan. */
export function runShow(args: ShowArgs, context: Context): Promise<ExitCode> {
  return withSession(args, context, async ({ print }) => {
    const { plan, layout } = await readSavedPlan(args['plan-file'], context.files);
    print(planResult(plan, layout));
    return exitCode.done;
  });
}
