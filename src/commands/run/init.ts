import { initSpec } from '../../actions/init/init.ts';
import { findTemplate, readTemplates } from '../../actions/init/template.ts';
import { templatesDirectory } from '../../actions/init/templates-directory.ts';
import { type ExitCode, exitCode } from '../../errors/index.ts';
import { renderInit, renderTemplates } from '../../ui/text/init.ts';
import type { Context } from '../context.ts';
import { type ResultArgs, withSession } from './with-session.ts';

export interface InitArgs extends ResultArgs {
  readonly template: string;
  readonly 'list-templates'?: boolean | undefined;
  readonly file: string;
  readonly force?: boolean | undefined;
}

/** Writes a spec from a template, or lists the templates. */
export function runInit(args: InitArgs, context: Context): Promise<ExitCode> {
  return withSession(args, context, async (session) => {
    const templates = await readTemplates(templatesDirectory());
    if (args['list-templates'] === true) {
      const summaries = templates.map(({ name, summary }) => ({ name, summary }));
      session.print({
        document: { apiVersion: 'dsdeploy/v1', kind: 'TemplateList', templates: summaries },
        render: (style) => renderTemplates(summaries, style),
      });
      return exitCode.done;
    }
    const template = findTemplate(templates, args.template);
    const result = await initSpec(
      { template, file: args.file, force: args.force === true },
      context.files,
    );
    session.print({ document: result, render: (style) => renderInit(result, style) });
    return exitCode.done;
  });
}
