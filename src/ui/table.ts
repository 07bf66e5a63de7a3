import stringWidth from 'string-width';

import { fields } from './block.ts';
import type { Style } from './style.ts';
import { padEndColumns, padStartColumns, wrapText } from './wrap.ts';

export interface Column {
  readonly header: string;
  readonly align?: 'left' | 'right';
}

export interface Cell {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

export interface Table {
  readonly columns: readonly Column[];
  /** One cell per column. */
  readonly rows: readonly (readonly Cell[])[];
}

export interface TableOptions {
  readonly style: Style;
  readonly indent?: number;
}

/** Below this the last column is not worth wrapping, and rows are stacked instead. */
const minLastColumn = 16;
const gap = '  ';

/**
 * Renders a table with the last column wrapped to the terminal. When the other columns leave no
 * room, every row becomes a short list of `header  value` lines, the first column as its title: nothing is
 * ever cut.
 */
export function table({ columns, rows }: Table, { style, indent = 2 }: TableOptions): string[] {
  const widths = columns.map((column, index) =>
    Math.max(stringWidth(column.header), ...rows.map((row) => stringWidth(row[index]?.text ?? ''))),
  );
  const fixed = widths.slice(0, -1).reduce((sum, width) => sum + width + gap.length, indent);
  const lastNatural = widths.at(-1) ?? 0;
  const room = style.width === undefined ? undefined : style.width - fixed;
  if (room !== undefined && room < Math.min(minLastColumn, lastNatural)) {
    return stacked({ columns, rows }, { style, indent });
  }
  const header = columns.map(({ header: text }) => ({ text, paint: style.paints.muted }));
  return [header, ...rows].flatMap((row) => aligned(row, { columns, widths, fixed, room, indent }));
}

interface Geometry {
  readonly columns: readonly Column[];
  readonly widths: readonly number[];
  readonly fixed: number;
  readonly room: number | undefined;
  readonly indent: number;
}

function aligned(row: readonly Cell[], geometry: Geometry): string[] {
  const { columns, widths, fixed, room, indent } = geometry;
  const last = row.length - 1;
  const lead = row.slice(0, last).map((cell, index) => {
    const pad = columns[index]?.align === 'right' ? padStartColumns : padEndColumns;
    return paintText(pad(cell.text, widths[index] ?? 0), cell) + gap;
  });
  const lines = wrapText(row[last]?.text ?? '', { width: room });
  return lines.map((text, index) => {
    const isRight = columns[last]?.align === 'right';
    const padded = isRight ? padStartColumns(text, widths[last] ?? 0) : text;
    const start = index === 0 ? ' '.repeat(indent) + lead.join('') : ' '.repeat(fixed);
    return `${start}${paintText(padded, row[last])}`.trimEnd();
  });
}

function stacked({ columns, rows }: Table, { style, indent = 2 }: TableOptions): string[] {
  return rows.flatMap((row) => {
    const [first, ...rest] = row;
    const details = rest.map((cell, index) => {
      const label = columns[index + 1]?.header ?? '';
      return [label, cell.text === '' ? undefined : cell.text] as const;
    });
    // A bare `64` or `memory` would not say of what.
    const head = `${style.paints.muted(columns[0]?.header ?? '')} `.trimStart();
    const title = paintText(first?.text ?? '', first);
    return [' '.repeat(indent) + head + title, ...fields(details, { style, indent: indent + 2 })];
  });
}

function paintText(text: string, cell: Cell | undefined): string {
  return cell?.paint === undefined ? text : cell.paint(text);
}
