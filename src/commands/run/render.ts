import { assertFits, readLayout } from '../../actions/read-layout.ts';
import { formatFiles, type GitOpsSource } from '../../actions/render/formats/format.ts';
import type { RenderFormat } from '../../actions/render/formats/render-format.ts';
import { writeFiles } from '../../actions/render/render.ts';
import { DsdeployError, type ExitCode, exitCode } from '../../errors/index.ts';
import { formatRef, type Manifest, refOf } from '../../manifest/index.ts';
import { generatedKeyOf } from '../../plan/index.ts';
import { renderManifests, toYaml } from '../../render/index.ts';
import type { Session } from '../../ui/host/session.ts';
import type { Context } from '../context.ts';
import { type ResultArgs, readPorts, type SpecArgs, withSession } from './with-session.ts';

export interface RenderArgs extends SpecArgs, ResultArgs, GitOpsSource {
  readonly directory?: string | undefined;
  readonly format: RenderFormat;
}

/** Prints or writes the objects of a spec, plain or as another tool wants them. */
export function runRender(args: RenderArgs, context: Context): Promise<ExitCode> {
  return withSession(args, context, async (session) => {
    const { directory, format } = args;
    const layout = await readLayout(args, readPorts(session, context));
    assertFits(layout, 'render');
    const manifests = renderManifests(layout);
    const { name, namespace } = layout.spec;
    const deployment = { name, namespace };
    const rendered = formatFiles(format, { deployment, manifests, gitOps: args });
    if (format !== 'yaml') warnOfKeys(manifests, session);
    const header = { apiVersion: 'dsdeploy/v1', kind: 'RenderResult' } as const;
    if (directory === undefined) {
      if (format !== 'yaml') throw noDirectory(format);
      session.print({ document: { ...header, manifests }, render: () => toYaml(manifests) });
      return exitCode.done;
    }
    const target = { directory, deployment: name };
    const { files, removed } = await writeFiles(rendered, target, context.files);
    for (const file of removed) {
      const text = `Removed ${file}, which an earlier render left`;
      session.host.notify({ code: 'STEP', level: 'info', text });
    }
    session.print({
      document: { ...header, files, removed },
      render: () => files.map((file) => `${file}\n`).join(''),
    });
    return exitCode.done;
  });
}

function noDirectory(format: RenderFormat): DsdeployError {
  return new DsdeployError('USAGE', `Cannot print ${format}: it is several files`, {
    subject: '--directory',
    hint: 'Name a folder for them with --directory.',
  });
}

/** Without a value the pods wait for ever, and nobody but apply makes one. */
function warnOfKeys(manifests: readonly Manifest[], { host }: Session): void {
  for (const manifest of manifests) {
    const key = generatedKeyOf(manifest);
    if (key === undefined) continue;
    const text = `${formatRef(refOf(manifest))} gets its key "${key}" from \`dsdeploy apply\` only: put a value there by other means before the pods start`;
    host.notify({ code: 'WARNING', level: 'warning', text });
  }
}
