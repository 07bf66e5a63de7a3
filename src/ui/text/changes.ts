import { diffLines } from 'diff';
import { formatRef } from '../../manifest/index.ts';
import type { Certainty, Change, FieldChange, Plan, YieldedField } from '../../plan/index.ts';
import { paragraph } from '../block.ts';
import { formatValue, isMultiline } from '../format-value.ts';
import type { Style } from '../style.ts';
import { renderAdoption, renderReleases } from './adoption.ts';

type Paint = (text: string) => string;

/** Renders one block of lines for all changes of a plan, in apply order. */
export function renderChanges(changes: readonly Change[], style: Style): string[] {
  const used = new Set(changes.map((change) => ('certainty' in change ? change.certainty : '')));
  const legend = Object.entries(certaintyLegend).filter(([certainty]) =>
    used.has(certainty as Certainty),
  );
  return [
    ...changes.flatMap((change) => renderChange(change, style)),
    ...renderReleases(changes, style),
    ...legend.flatMap(([, text]) => paragraph(text, { style, indent: 2 })),
  ];
}

function renderChange(change: Change, style: Style): string[] {
  const { paints } = style;
  const subject = formatRef(change.ref);
  switch (change.action) {
    case 'create':
      return [
        ...line('+ ', `${subject}${certaintyNote(change.certainty)}`, {
          style,
          paint: paints.good,
        }),
        ...(change.replaced ?? []).flatMap((field) => renderField(field, style)),
      ];
    case 'update':
      return [
        ...line('~ ', `${subject}${certaintyNote(change.certainty)}`, {
          style,
          paint: paints.warning,
        }),
        ...renderAdoption(change.adoption, style),
        ...renderYields(change.yields, style),
        ...change.fields.flatMap((field) => renderField(field, style)),
        ...(change.taken ?? []).flatMap((field) =>
          paragraph(`takes ${field} from its owner`, {
            style,
            indent: 6,
            lead: '! ',
            paintLead: paints.warning,
          }),
        ),
      ];
    case 'keep':
      return [
        ...line('= ', `${subject}${certaintyNote(change.certainty)}`, {
          style,
          paint: paints.muted,
        }),
        ...renderYields(change.yields, style),
      ];
    case 'delete':
      return line('- ', `${subject}  (${change.reason})`, { style, paint: paints.bad });
  }
}

/** Renders who decides fields in place of the spec. */
export function renderYields(yields: readonly YieldedField[] = [], style: Style): string[] {
  return yields.flatMap(({ field, to, wanted, actual }) =>
    paragraph(
      `${field} is left to ${to}: ${formatValue(actual)} now, ${formatValue(wanted)} in the spec`,
      { style, indent: 6, lead: '= ', paintLead: style.paints.muted },
    ),
  );
}

/** How sure a row is; an offline plan says it once for all rows. */
const certaintyLegend: Readonly<Partial<Record<Certainty, string>>> = {
  schema:
    "schema-checked: every field fits the server's schema or the CRD of this plan; quotas and webhooks can judge these only once this plan has made their namespace or CRD",
  simulated:
    'simulated: no schema to check these against; the server can check them once this plan has made their namespace or CRD',
};

const certaintyNotes: Readonly<Record<Certainty, string>> = {
  server: '  (server-checked)',
  schema: '  (schema-checked)',
  simulated: '  (simulated)',
  offline: '',
};

function certaintyNote(certainty: Certainty): string {
  return certaintyNotes[certainty];
}

interface LineOptions {
  readonly style: Style;
  readonly paint: Paint;
}

function line(lead: string, text: string, { style, paint }: LineOptions): string[] {
  return paragraph(text, { style, indent: 2, lead, paintLead: paint, paint });
}

/** Renders one field that differs, a long text as its changed lines. */
export function renderField(
  { path: plain, before, after, by, flag }: FieldChange,
  style: Style,
): string[] {
  const named = flag === undefined ? plain : `${plain} (${flag})`;
  const path = by === undefined ? named : `${named} (by the server)`;
  if (isMultiline(before) && isMultiline(after))
    return renderTextDiff(path, { before, after }, style);
  const { good, bad } = style.paints;
  if (before === undefined)
    return fieldLine('+ ', `${path}: ${formatValue(after)}`, { style, paint: good });
  if (after === undefined)
    return fieldLine('- ', `${path}: ${formatValue(before)}`, { style, paint: bad });
  const { arrow } = style.symbols;
  const one = `${path}: ${formatValue(before)} ${arrow} ${formatValue(after)}`;
  if (style.width === undefined || one.length + 6 <= style.width) return [`      ${one}`];
  return [
    `      ${path}:`,
    ...paragraph(formatValue(before), {
      style,
      indent: 8,
      lead: '- ',
      paintLead: style.paints.bad,
    }),
    ...paragraph(formatValue(after), {
      style,
      indent: 8,
      lead: '+ ',
      paintLead: style.paints.good,
    }),
  ];
}

function fieldLine(lead: string, text: string, { style, paint }: LineOptions): string[] {
  return paragraph(text, { style, indent: 6, lead, paintLead: paint });
}

interface TextChange {
  readonly before: string;
  readonly after: string;
}

function renderTextDiff(path: string, { before, after }: TextChange, style: Style): string[] {
  const parts = diffLines(before, after).filter(({ added, removed }) => added || removed);
  const lines = parts.flatMap(({ added, value }) => {
    const [lead, paint] = added ? ['+ ', style.paints.good] : ['- ', style.paints.bad];
    return value
      .replace(/\n$/, '')
      .split('\n')
      .map((text) => `        ${paint(`${lead}${text}`)}`);
  });
  return [`      ${path}:`, ...lines];
}

export interface ChangeSummary {
  readonly create: number;
  readonly update: number;
  readonly delete: number;
  readonly keep: number;
  /** Updates of objects that others made. */
  readonly adopt: number;
}

export function summarizeChanges({ changes }: Plan): ChangeSummary {
  const count = (action: Change['action']) =>
    changes.filter((change) => change.action === action).length;
  return {
    create: count('create'),
    update: count('update'),
    delete: count('delete'),
    keep: count('keep'),
    adopt: changes.filter((change) => change.action === 'update' && change.adoption !== undefined)
      .length,
  };
}
