import { readProfile } from '../../actions/calibrate/read-profile.ts';
import { fitDeployment } from '../../actions/fit/index.ts';
import { readLayout } from '../../actions/read-layout.ts';
import { type ExitCode, exitCode } from '../../errors/index.ts';
import { siteCatalog } from '../../layout/index.ts';
import { maskDocument } from '../../plan/secrets/mask.ts';
import { renderFit } from '../../ui/text/fit.ts';
import type { Context } from '../context.ts';
import type { FitDocument } from '../documents.ts';
import { type ResultArgs, readPorts, type SpecArgs, withSession } from './with-session.ts';

export interface FitArgs extends SpecArgs, ResultArgs {
  readonly profile?: string | undefined;
  readonly explain?: boolean | undefined;
}

/** Lays a spec out and proves that the memory of its ranks fits. */
export function runFit(args: FitArgs, context: Context): Promise<ExitCode> {
  return withSession(args, context, async (session) => {
    const catalog = siteCatalog(await readProfile(args.profile, context.files));
    const layout = await readLayout(args, readPorts(session, context), catalog);
    const fit = fitDeployment(layout, catalog);
    session.print({
      document: maskDocument({
        apiVersion: 'dsdeploy/v1',
        kind: 'Fit',
        ...fit,
      } satisfies FitDocument),
      render: (style) => renderFit(fit, style, { explain: args.explain === true }),
    });
    return fit.fits ? exitCode.done : exitCode.specInvalid;
  });
}
