import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';

/** Every control character but the line feed. */
const controls = /[^\P{Cc}\n]/gu;

/** Removes escape codes and control characters: logs and events of a cluster are not ours. */
export function toPlainText(text: string): string {
  return stripVTControlCharacters(text).replaceAll(controls, ' ');
}

export interface WrapOptions {
  /** `undefined` leaves lines whole. */
  readonly width: number | undefined;
  /**
   * Width of the first line, when something stands before it.
   *
   * @default width
   */
  readonly firstWidth?: number | undefined;
}

/**
 * Breaks plain text (no escape codes) at spaces into lines of at most `width` columns.
 *
 * A word that is longer than a line is kept whole: a cut path or command could not be copied.
 */
export function wrapText(text: string, { width, firstWidth = width }: WrapOptions): string[] {
  return toPlainText(text)
    .split('\n')
    .flatMap((line, index) =>
      wrapLine(line, { width, firstWidth: index === 0 ? firstWidth : width }),
    );
}

function wrapLine(line: string, { width, firstWidth }: WrapOptions): string[] {
  if (width === undefined || firstWidth === undefined) return [line];
  const lines: string[] = [];
  let current = '';
  for (const word of line.split(' ')) {
    const candidate = current === '' ? word : `${current} ${word}`;
    if (current !== '' && stringWidth(candidate) > (lines.length === 0 ? firstWidth : width)) {
      lines.push(current.trimEnd());
      current = word;
    } else {
      current = candidate;
    }
  }
  return [...lines, current];
}

/** Pads plain text on the right to `width` columns. */
export function padEndColumns(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - stringWidth(text)));
}

/** Pads plain text on the left to `width` columns. */
export function padStartColumns(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - stringWidth(text))) + text;
}

/** Width left for text after `indent` columns, never less than a word or two. */
export function remainingWidth(width: number | undefined, indent: number): number | undefined {
  return width === undefined ? undefined : Math.max(16, width - indent);
}
