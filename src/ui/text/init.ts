import type { InitResult } from '../../actions/init/init.ts';
import { joinBlocks, paragraph } from '../block.ts';
import type { Style } from '../style.ts';
import { table } from '../table.ts';

/** Renders what was written and what to edit before the first plan. */
export function renderInit(
  { template, file, schemaFile, siteValues }: InitResult,
  style: Style,
): string {
  const { heading } = style.paints;
  const rows = siteValues.map(({ line, path, advice }) => [
    { text: `${file}:${String(line)}` },
    { text: path },
    { text: advice },
  ]);
  const columns = [{ header: 'line' }, { header: 'value' }, { header: 'what to write' }];
  return joinBlocks([
    [
      ...paragraph(`Wrote ${file} from template ${template}, and ${schemaFile} for editors`, {
        style,
      }),
    ],
    rows.length === 0
      ? []
      : [
          heading('Values of your site, to check or fill in'),
          ...table({ columns, rows }, { style }),
        ],
    paragraph('Next: edit the file, then run `dsdeploy fit` and `dsdeploy plan`', { style }),
  ]);
}

export interface TemplateSummary {
  readonly name: string;
  readonly summary: string;
}

export function renderTemplates(templates: readonly TemplateSummary[], style: Style): string {
  const rows = templates.map(({ name, summary }) => [{ text: name }, { text: summary }]);
  const columns = [{ header: 'template' }, { header: 'what it is' }];
  return joinBlocks([table({ columns, rows }, { style, indent: 0 })]);
}
