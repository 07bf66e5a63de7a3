import { DsdeployError, type ErrorDetail } from '../../errors/index.ts';
import { maskShapes } from '../../plan/index.ts';
import { paragraph } from '../block.ts';
import type { Style } from '../style.ts';

export interface ErrorContext {
  readonly version: string;
}

/** Renders an error for people: what failed, on what, and the next step; a bug with its stack. */
export function renderError(error: unknown, context: ErrorContext, style: Style): string {
  const lines =
    error instanceof DsdeployError
      ? knownErrorLines(error, style)
      : bugLines(error, context, style);
  return `${lines.join('\n')}\n`;
}

function knownErrorLines(error: DsdeployError, style: Style): string[] {
  const { bad, muted } = style.paints;
  const { code, message, subject, hint, details } = error;
  const title = paragraph(message, { style, lead: `error ${code}: `, paintLead: bad });
  const cause = causeText(error);
  return [
    ...title,
    ...labelled('subject', subject, style),
    ...details.flatMap((detail) => detailLines(detail, style)),
    ...(cause === undefined
      ? []
      : paragraph(`cause: ${cause}`, { style, indent: 2, paint: muted })),
    ...labelled('hint', hint, style),
  ];
}

function labelled(label: string, text: string | undefined, style: Style): string[] {
  if (text === undefined) return [];
  return paragraph(text, {
    style,
    indent: 2,
    lead: `${label}: `,
    paintLead: style.paints.heading,
  });
}

function detailLines({ location, message, hint }: ErrorDetail, style: Style): string[] {
  return [
    ...paragraph(message, {
      style,
      indent: 2,
      lead: location === undefined ? '- ' : `${location}  `,
      paintLead: style.paints.heading,
    }),
    ...(hint === undefined
      ? []
      : paragraph(hint, { style, indent: 6, lead: `${style.symbols.arrow} ` })),
  ];
}

// The message often quotes its cause already; twice the same line would only hide the hint.
function causeText({ message, cause }: DsdeployError): string | undefined {
  if (!(cause instanceof Error) || cause.message === '') return undefined;
  const firstLine = cause.message.split('\n', 1)[0] ?? '';
  return message.includes(firstLine) ? undefined : firstLine;
}

function bugLines(error: unknown, { version }: ErrorContext, style: Style): string[] {
  const stack = stackOf(error);
  return [
    style.paints.bad(`error INTERNAL: this is a bug in dsdeploy ${version}`),
    ...stack.split('\n').map((line) => `  ${line}`),
    ...labelled(
      'hint',
      `Report it to the maintainers of dsdeploy with the lines above and your command line ` +
        `(dsdeploy ${version}, Node ${process.version}, ${process.platform}).`,
      style,
    ),
  ];
}

/** Nobody chose what a bug says, so that whatever looks like a secret is taken out. */
function stackOf(error: unknown): string {
  return maskShapes(error instanceof Error ? (error.stack ?? error.message) : String(error));
}

/** JSON document of an error, printed to stderr with `-o json`. */
export interface ErrorDocument {
  readonly apiVersion: 'dsdeploy/v1';
  readonly kind: 'Error';
  readonly code: string;
  readonly message: string;
  readonly subject?: string;
  readonly hint?: string;
  readonly details: readonly ErrorDetail[];
}

export function toErrorDocument(error: unknown): ErrorDocument {
  const header = { apiVersion: 'dsdeploy/v1', kind: 'Error' } as const;
  if (!(error instanceof DsdeployError)) {
    return { ...header, code: 'INTERNAL', message: stackOf(error), details: [] };
  }
  const { code, message, subject, hint, details } = error;
  return {
    ...header,
    code,
    message,
    ...(subject === undefined ? {} : { subject }),
    ...(hint === undefined ? {} : { hint }),
    details,
  };
}
