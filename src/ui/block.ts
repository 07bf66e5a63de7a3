import stringWidth from 'string-width';

import type { Style } from './style.ts';
import { padEndColumns, remainingWidth, toPlainText, wrapText } from './wrap.ts';

type Paint = (text: string) => string;

export interface ParagraphOptions {
  readonly style: Style;
  /** Columns before the first line. */
  readonly indent?: number;
  /** Text before the first line, such as a symbol; later lines are indented past it. */
  readonly lead?: string;
  readonly paintLead?: Paint;
  readonly paint?: Paint;
}

/**
 * Renders text wrapped to the width, with a hanging indent after `lead`. Later lines begin near the
 * left instead after a lead that takes most of the width, and where a word has room only there; a
 * first word that does not fit behind the lead goes below it.
 */
export function paragraph(text: string, options: ParagraphOptions): string[] {
  const { style, indent = 0, lead = '', paintLead = same, paint = same } = options;
  const full = indent + stringWidth(lead);
  const hang = hangingIndent(text, { style, indent, full });
  const width = remainingWidth(style.width, hang);
  const firstWidth = remainingWidth(style.width, full);
  const [firstWord = ''] = toPlainText(text).split(/[ \n]/u, 1);
  if (hang < full && stringWidth(firstWord) > (firstWidth ?? Infinity)) {
    const below = wrapText(text, { width }).map((line) => ' '.repeat(hang) + paint(line));
    return [' '.repeat(indent) + paintLead(lead.trimEnd()), ...below];
  }
  return wrapText(text, { width, firstWidth }).map((line, index) =>
    index === 0
      ? ' '.repeat(indent) + paintLead(lead) + paint(line)
      : (' '.repeat(hang) + paint(line)).trimEnd(),
  );
}

interface HangOptions {
  readonly style: Style;
  readonly indent: number;
  /** Columns of the indent and the lead. */
  readonly full: number;
}

function hangingIndent(text: string, { style, indent, full }: HangOptions): number {
  const near = indent + 4;
  if (style.width === undefined || full <= near) return full;
  if (full > style.width * 0.4) return near;
  const longest = Math.max(
    ...toPlainText(text)
      .split(/[ \n]/u)
      .map((word) => stringWidth(word)),
  );
  return longest > style.width - full && longest <= style.width - near ? near : full;
}

export interface FieldsOptions {
  readonly style: Style;
  readonly indent?: number;
}

/** Renders `label  value` lines with aligned values; rows with an undefined value are left out. */
export function fields(
  rows: readonly (readonly [label: string, value: string | undefined])[],
  { style, indent = 2 }: FieldsOptions,
): string[] {
  const labelWidth = Math.max(0, ...rows.map(([label]) => stringWidth(label)));
  return rows.flatMap(([label, value]) =>
    value === undefined
      ? []
      : paragraph(value, {
          style,
          indent,
          lead: `${padEndColumns(label, labelWidth)}  `,
          paintLead: style.paints.muted,
        }),
  );
}

/** Joins blocks of lines with one empty line between them; empty blocks vanish. */
export function joinBlocks(blocks: readonly (readonly string[])[]): string {
  const kept = blocks.filter((lines) => lines.length > 0);
  return kept.map((lines) => `${lines.join('\n')}\n`).join('\n');
}

function same(text: string): string {
  return text;
}
