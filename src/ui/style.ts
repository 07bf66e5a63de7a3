import picocolors from 'picocolors';

import type { Output, TextPreferences } from './output.ts';

type Paint = (text: string) => string;

export interface Paints {
  readonly heading: Paint;
  readonly good: Paint;
  readonly bad: Paint;
  readonly warning: Paint;
  readonly muted: Paint;
}

export interface Symbols {
  readonly passed: string;
  readonly failed: string;
  readonly pending: string;
  readonly unknown: string;
  readonly arrow: string;
  readonly spinner: readonly string[];
}

/** How text looks on one stream. Renderers take it and return a string. */
export interface Style {
  readonly paints: Paints;
  readonly symbols: Symbols;
  /** Columns to wrap at; `undefined` for a pipe or a file, where lines stay whole for `grep`. */
  readonly width: number | undefined;
}

const unicodeSymbols: Symbols = {
  passed: '✓',
  failed: '✗',
  pending: '…',
  unknown: '?',
  arrow: '→',
  spinner: ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'],
};

const asciiSymbols: Symbols = {
  passed: 'ok',
  failed: 'FAIL',
  pending: 'wait',
  unknown: '?',
  arrow: '->',
  spinner: ['-', '\\', '|', '/'],
};

export interface StyleOptions {
  readonly color: boolean;
  readonly unicode: boolean;
  readonly width: number | undefined;
}

export function createStyle({ color, unicode, width }: StyleOptions): Style {
  const colors = picocolors.createColors(color);
  return {
    paints: {
      heading: colors.bold,
      good: colors.green,
      bad: colors.red,
      warning: colors.yellow,
      muted: colors.dim,
    },
    symbols: unicode ? unicodeSymbols : asciiSymbols,
    width,
  };
}

/** Chooses the look for a stream: plain ASCII text for pipes, colour and symbols on terminals. */
export function styleFor(output: Output, { noColor, environment }: TextPreferences): Style {
  const { isTty, columns } = output;
  const mayColor = !noColor && !environment.noColor && !environment.dumbTerminal;
  return createStyle({
    color: mayColor && (environment.forceColor || (isTty && !environment.ci)),
    unicode: isTty && environment.utf8 && !environment.dumbTerminal,
    width: isTty ? (columns ?? 80) : undefined,
  });
}
