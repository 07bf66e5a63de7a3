import type { Drift } from '../../actions/history/index.ts';
import { formatRef } from '../../manifest/index.ts';
import type { AddedField, DriftField, DriftObject, FieldOwner } from '../../plan/index.ts';
import { joinBlocks, paragraph } from '../block.ts';
import { formatValue } from '../format-value.ts';
import type { Style } from '../style.ts';
import { renderField, renderYields } from './changes.ts';
import { formatTime } from './history.ts';
import { headerLines } from './plan.ts';

export interface DriftSummary {
  readonly same: number;
  readonly changed: number;
  readonly missing: number;
  readonly unknown: number;
  /** Fields of others beside those of apply. */
  readonly added: number;
}

export function summarizeDrift({ objects }: Drift): DriftSummary {
  const count = (state: DriftObject['state']) =>
    objects.filter((object) => object.state === state).length;
  return {
    same: count('same'),
    changed: count('changed'),
    missing: count('missing'),
    unknown: count('unknown'),
    added: objects.reduce((sum, { added }) => sum + added.length, 0),
  };
}

/** Renders what is not as it was applied, with who did it. */
export function renderDrift(drift: Drift, style: Style): string {
  const { number, recordedAt } = drift.revision;
  const { heading, good } = style.paints;
  const differing = drift.objects.filter(({ state }) => state !== 'same');
  const leftAlone = drift.objects.filter(
    ({ added, yields = [] }) => added.length > 0 || yields.length > 0,
  );
  const { same, changed, missing, unknown } = summarizeDrift(drift);
  const counts = [
    `${String(changed)} changed`,
    `${String(missing)} missing`,
    ...(unknown === 0 ? [] : [`${String(unknown)} not compared`]),
    `${String(same)} as applied`,
  ].join(', ');
  const since = `revision ${String(number)} of ${formatTime(recordedAt)}`;
  return joinBlocks([
    headerLines(drift, style),
    differing.length === 0
      ? []
      : [
          heading('Drift, applied and live'),
          ...differing.flatMap((object) => renderObject(object, style)),
        ],
    leftAlone.length === 0
      ? []
      : [
          heading('Set by others, left alone by apply'),
          ...leftAlone.flatMap(({ ref, added, yields }) => [
            ...paragraph(formatRef(ref), { style, indent: 2, lead: '= ' }),
            ...renderYields(yields, style),
            ...added.flatMap((row) => renderAdded(row, style)),
          ]),
        ],
    differing.length === 0
      ? paragraph(`none, the cluster is as ${since} left it`, {
          style,
          lead: 'Drift: ',
          paintLead: heading,
          paint: good,
        })
      : [
          ...paragraph(`${counts}, since ${since}`, { style, lead: 'Drift: ', paintLead: heading }),
          ...paragraph('`dsdeploy plan` shows what apply would do about it', { style }),
        ],
  ]);
}

function renderObject({ ref, state, fields, problem }: DriftObject, style: Style): string[] {
  const { bad, warning } = style.paints;
  const subject = formatRef(ref);
  if (state === 'missing')
    return paragraph(`${subject} is missing`, {
      style,
      indent: 2,
      lead: '- ',
      paintLead: bad,
      paint: bad,
    });
  if (state === 'unknown')
    return paragraph(`${subject} could not be compared: ${problem ?? ''}`, {
      style,
      indent: 2,
      lead: '? ',
      paintLead: warning,
    });
  return [
    ...paragraph(subject, { style, indent: 2, lead: '~ ', paintLead: warning, paint: warning }),
    ...fields.flatMap((field) => renderDriftField(field, style)),
  ];
}

function renderDriftField({ path, applied, live, owners }: DriftField, style: Style): string[] {
  const who =
    owners.length === 0
      ? 'removed; the server does not keep by whom'
      : `by ${owners.map(formatOwner).join(', ')}`;
  return [
    ...renderField({ path, before: applied, after: live }, style),
    ...paragraph(who, { style, indent: 8, paint: style.paints.muted }),
  ];
}

function renderAdded({ path, live, owner }: AddedField, style: Style): string[] {
  return [
    ...paragraph(`${path}: ${formatValue(live)}`, { style, indent: 6, lead: '+ ' }),
    ...paragraph(`by ${formatOwner(owner)}`, { style, indent: 8, paint: style.paints.muted }),
  ];
}

function formatOwner({ manager, operation, time, subresource }: FieldOwner): string {
  const way = subresource ?? (operation === 'Apply' ? 'apply' : '');
  const how = way === '' ? '' : ` (${way})`;
  return time === undefined ? `${manager}${how}` : `${manager}${how}, ${formatTime(time)}`;
}
