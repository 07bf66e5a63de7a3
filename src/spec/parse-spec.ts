import { checkSchema } from './check-schema.ts';
import { readDraft } from './draft.ts';
import { type Finding, formatPath, type SpecIssue } from './issue.ts';
import { normaliseSpec } from './normalise.ts';
import { readYaml } from './read-yaml.ts';
import { checkIsSpec } from './recognise.ts';
import { specRules, specValueRules, specWarningRules } from './rules.ts';
import type { SourceMap } from './source-map.ts';
import type { Spec } from './spec.ts';

/** Stands for the namespace of the file in the hints of schema and rules. */
const placeholder = 'NAMESPACE';

export interface ParseSpecOptions {
  /** Name shown in messages; nothing is read from it. */
  readonly fileName: string;
}

/** The spec, or every problem of the file in the order of its lines. */
export type SpecResult =
  | { readonly kind: 'spec'; readonly spec: Spec; readonly warnings: readonly SpecIssue[] }
  | { readonly kind: 'issues'; readonly issues: readonly SpecIssue[] };

/**
 * Reads the text of a `dsdeploy.yaml`.
 *
 * Bad input is a result, not an error. Schema and rules both look at the whole file, so one run
 * tells everything; only text that is no spec at all stops earlier.
 */
export function parseSpec(text: string, { fileName }: ParseSpecOptions): SpecResult {
  const { value, sourceMap, issues, warnings } = readYaml(text, fileName);
  if (value === undefined) return refuse(issues);
  const draft = readDraft(value);
  const namespace = draft.namespace ?? draft.name ?? placeholder;
  const locate = (finding: Finding): SpecIssue => ({
    ...toIssue(finding, fileName, sourceMap),
    // The commands in hints are for copying.
    ...(finding.hint && { hint: finding.hint.replaceAll(placeholder, namespace) }),
  });

  const stranger = checkIsSpec(value);
  if (stranger !== undefined) return refuse([...issues, locate(stranger)]);

  const { file, findings } = checkSchema(value, (path) => sourceMap.sourceAt(path));
  const values = specValueRules.flatMap((rule) => rule(draft));
  const broken = specRules.flatMap((rule) => rule(draft));
  const all = [...issues, ...[...values, ...findings, ...broken].map(locate)];
  if (file === undefined || all.length > 0) return refuse(all);

  const told = specWarningRules.flatMap((rule) => rule(draft)).map(locate);
  return { kind: 'spec', spec: normaliseSpec(file), warnings: inOrder([...warnings, ...told]) };
}

function refuse(issues: readonly SpecIssue[]): SpecResult {
  return { kind: 'issues', issues: inOrder(issues) };
}

function toIssue(finding: Finding, fileName: string, sourceMap: SourceMap): SpecIssue {
  const { code, path, message } = finding;
  return {
    code,
    file: fileName,
    ...sourceMap.atPath(path, finding.at ?? 'value'),
    path: formatPath(path),
    message,
  };
}

/** By position; of several issues with one entry, the earliest stage's is the cause. */
function inOrder(issues: readonly SpecIssue[]): readonly SpecIssue[] {
  const seen = new Set<string>();
  return issues
    .filter(({ path, line, column, code }) => {
      const entry = path === '' ? `${code} ${line}:${column}` : path;
      if (seen.has(entry)) return false;
      seen.add(entry);
      return true;
    })
    .toSorted((a, b) => a.line - b.line || a.column - b.column);
}
