import { assertFits, readLayout } from '../actions/read-layout.ts';
import { writeManifests } from '../actions/render/render.ts';
import { type ExitCode, exitCode } from '../errors/index.ts';
import { renderManifests, toYaml } from '../render/index.ts';
import type { Context } from './context.ts';
import { type ResultArgs, readPorts, type SpecArgs, withSession } from './with-session.ts';

export interface RenderArgs extends SpecArgs, ResultArgs {
  readonly directory?: string | undefined;
}

/** Prints or writes the objects of a spec. */
export function runRender(args: RenderArgs, context: Context): Promise<ExitCode> {
  return withSession(args, context, async (session) => {
    const layout = await readLayout(args, readPorts(session, context));
    assertFits(layout, 'render');
    const manifests = renderManifests(layout);
    const { directory } = args;
    const header = { apiVersion: 'dsdeploy/v1', kind: 'RenderResult' } as const;
    if (directory === undefined) {
      session.print({ document: { ...header, manifests }, render: () => toYaml(manifests) });
      return exitCode.done;
    }
    const files = await writeManifests(manifests, directory, context.files);
    session.print({
      document: { ...header, files },
      render: () => files.map((file) => `${file}\n`).join(''),
    });
    return exitCode.done;
  });
}
