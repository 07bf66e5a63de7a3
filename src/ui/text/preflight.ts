import type { PreflightFinding, PreflightLevel } from '../../plan/index.ts';
import { fields, paragraph } from '../block.ts';
import type { Style } from '../style.ts';

/** Renders what preflight found, or that it found nothing; nothing at all when it did not run. */
export function renderPreflight(
  findings: readonly PreflightFinding[] | undefined,
  style: Style,
): string[] {
  if (findings === undefined) return [];
  const { heading, good } = style.paints;
  if (findings.length === 0) {
    const text = 'nothing stands against it: rights, quotas, nodes and references are in order';
    return paragraph(text, { style, lead: 'Preflight: ', paintLead: heading, paint: good });
  }
  return [
    ...paragraph(countFindings(findings), { style, lead: 'Preflight: ', paintLead: heading }),
    ...findings.flatMap((finding) => findingLines(finding, style)),
  ];
}

/** Counts by level, for example `2 errors, 1 warning, 3 unknown`. */
export function countFindings(findings: readonly PreflightFinding[]): string {
  const count = (level: PreflightLevel, one: string, many: string) => {
    const { length } = findings.filter((finding) => finding.level === level);
    return length === 0 ? [] : [`${String(length)} ${length === 1 ? one : many}`];
  };
  return [
    ...count('error', 'error', 'errors'),
    ...count('warning', 'warning', 'warnings'),
    ...count('unknown', 'unknown', 'unknown'),
    ...count('info', 'note', 'notes'),
  ].join(', ');
}

function findingLines(
  { code, level, what, where, fix, command }: PreflightFinding,
  style: Style,
): string[] {
  const { bad, warning, muted } = style.paints;
  const { failed, unknown } = style.symbols;
  const looks = {
    error: { symbol: failed, paint: bad },
    warning: { symbol: '!', paint: warning },
    unknown: { symbol: unknown, paint: warning },
    info: { symbol: '-', paint: muted },
  } as const;
  const { symbol, paint } = looks[level];
  return [
    ...paragraph(`${code}  ${where}`, {
      style,
      indent: 2,
      lead: `${symbol} `,
      paintLead: paint,
      paint,
    }),
    ...paragraph(what, { style, indent: 4 }),
    ...fields(
      [
        ['fix', fix],
        ['see', command],
      ],
      { style, indent: 4 },
    ),
  ];
}
