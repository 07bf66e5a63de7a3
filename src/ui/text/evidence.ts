import type { Verdict } from '../../health/index.ts';
import { paragraph } from '../block.ts';
import type { Style } from '../style.ts';

export interface EvidenceSummary {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly verdict: Verdict;
  readonly files: readonly string[];
}

/** Tells where an archive lies and what is in it. */
export function renderEvidence(
  { file, bytes, sha256, verdict, files }: EvidenceSummary,
  style: Style,
): string {
  const { paints } = style;
  const size = `${(bytes / 1000).toFixed(bytes < 10_000 ? 1 : 0)} kB`;
  return [
    `${paints.good('Wrote')} ${file}: ${String(files.length)} files, ${size}, deployment ${verdict}`,
    `  ${paints.muted('sha256')} ${sha256}`,
    ...files.map((name) => `  ${paints.muted('-')} ${name}`),
    ...paragraph('Look into it before you hand it on: logs may hold what users asked the model.', {
      style,
    }),
    '',
  ].join('\n');
}
