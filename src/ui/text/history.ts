import type { History, RevisionDetail } from '../../actions/history/index.ts';
import { formatRef } from '../../manifest/index.ts';
import type { RevisionChange } from '../../plan/index.ts';
import { fields, joinBlocks, paragraph } from '../block.ts';
import type { Style } from '../style.ts';
import { table } from '../table.ts';
import { renderField } from './changes.ts';

/** Renders the revisions of a deployment, newest first. */
export function renderHistory({ deployment, revisions }: History, style: Style): string {
  const { name, namespace } = deployment;
  if (revisions.length === 0) {
    const text = `Nothing of "${name}" is recorded in namespace ${namespace}; the next apply records it`;
    return joinBlocks([paragraph(text, { style })]);
  }
  const { good } = style.paints;
  const columns = [
    { header: 'revision', align: 'right' },
    { header: 'applied' },
    { header: 'by' },
    { header: 'what' },
  ] as const;
  const rows = revisions
    .toReversed()
    .map(({ number, recordedAt, operator, summary, isCurrent }) => [
      { text: String(number), ...(isCurrent ? { paint: good } : {}) },
      { text: formatTime(recordedAt) },
      { text: operator },
      { text: isCurrent ? `current: ${summary}` : summary },
    ]);
  return joinBlocks([table({ columns, rows }, { style, indent: 0 })]);
}

/** Renders one revision and what going back to it would change. */
export function renderRevision(detail: RevisionDetail, style: Style): string {
  const { deployment, revision, currentNumber } = detail;
  const { heading } = style.paints;
  const state = revision.isCurrent ? ', current' : '';
  const title = `Revision ${String(revision.number)} of ${deployment.name} in namespace ${deployment.namespace}${state}`;
  return joinBlocks([
    [
      ...paragraph(title, { style, paint: heading }),
      ...fields(
        [
          [
            'applied',
            `${formatTime(revision.recordedAt)} by ${revision.operator}, user ${revision.user}`,
          ],
          ['with', revision.tool],
          ['what', revision.summary],
          ['objects', String(revision.objects)],
          ['spec', `sha256 ${revision.specSha256}`],
          ['manifests', `sha256 ${revision.manifestsSha256}`],
        ],
        { style },
      ),
    ],
    ...(revision.isCurrent ? [] : comparisonBlocks(detail, style)),
    revision.isCurrent
      ? paragraph('`dsdeploy diff` tells whether the cluster still equals it', { style })
      : paragraph(
          `\`dsdeploy rollback ${String(revision.number)}\` goes back to it from revision ${String(currentNumber)}`,
          { style },
        ),
  ]);
}

function comparisonBlocks(detail: RevisionDetail, style: Style): string[][] {
  const { changes, currentSpec, currentNumber, spec } = detail;
  const { heading } = style.paints;
  if (changes === undefined || currentSpec === undefined)
    return [
      paragraph(`Revision ${String(currentNumber)} was not kept, so it cannot be compared`, {
        style,
      }),
    ];
  const title = (what: string) =>
    heading(`${what}, from revision ${String(currentNumber)} to this one`);
  return [
    currentSpec === spec
      ? paragraph('The spec is the same', { style })
      : [
          title('Spec'),
          ...renderField({ path: 'dsdeploy.yaml', before: currentSpec, after: spec }, style),
        ],
    changes.length === 0
      ? paragraph('The objects are the same', { style })
      : [title('Objects'), ...changes.flatMap((change) => renderRevisionChange(change, style))],
  ];
}

function renderRevisionChange(
  { action, ref, fields: rows }: RevisionChange,
  style: Style,
): string[] {
  const { good, warning, bad } = style.paints;
  const look = {
    create: { lead: '+ ', paint: good },
    update: { lead: '~ ', paint: warning },
    delete: { lead: '- ', paint: bad },
  }[action];
  return [
    ...paragraph(formatRef(ref), { style, indent: 2, ...look, paintLead: look.paint }),
    ...rows.flatMap((row) => renderField(row, style)),
  ];
}

/** To the second, in UTC like everything a cluster says. */
export function formatTime(iso: string): string {
  return `${iso.slice(0, 19).replace('T', ' ')}Z`;
}
