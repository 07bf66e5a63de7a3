import type { z } from 'zod';
import { schemaAt, validKeys } from './field-doc.ts';
import { type Finding, formatPath, type SpecPath } from './issue.ts';
import { annotatedSchema } from './json-schema.ts';
import { nearestKey } from './nearest.ts';
import { type SpecFile, specSchema } from './schema.ts';
import { describeValue, type ValueContext } from './wrong-value.ts';

/** The file's value checked against the schema; `file` is absent when there are findings. */
export interface SchemaCheck {
  readonly file?: SpecFile;
  readonly findings: readonly Finding[];
}

type ZodIssue = z.core.$ZodIssue;

/** An unknown key, and the key that was probably meant. */
interface UnknownKey {
  readonly finding: Finding;
  readonly meant?: SpecPath;
}

/**
 * Checks every key of the file on its own, and words each problem from the schema's own texts.
 *
 * @param sourceAt - text of a scalar as written in the file, for messages that show it.
 */
export function checkSchema(value: unknown, sourceAt: ValueContext['sourceAt']): SchemaCheck {
  const result = specSchema.safeParse(value);
  if (result.success) return { file: result.data, findings: [] };

  const context: ValueContext = { root: annotatedSchema(), value, sourceAt };
  const issues = flatten(result.error.issues, []);
  const unknown = issues.flatMap(({ issue, path }) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => describeUnknownKey(key, path, context))
      : [],
  );
  const others = issues.flatMap(({ issue, path }) =>
    issue.code === 'unrecognized_keys' ? [] : [describeValue(path, context)],
  );
  // A misspelt key is one mistake; that the right one is missing follows from it.
  const explained = new Set(unknown.map(({ meant }) => formatPath(meant ?? [])));
  const left = others.filter(
    ({ code, path }) => code !== 'MISSING_KEY' || !explained.has(formatPath(path)),
  );
  return { findings: [...left, ...unknown.map(({ finding }) => finding)] };
}

interface PlacedIssue {
  readonly issue: ZodIssue;
  readonly path: SpecPath;
}

/** Puts the problems of the alternative that was meant in the place of those of a union. */
function flatten(issues: readonly ZodIssue[], prefix: SpecPath): readonly PlacedIssue[] {
  return issues.flatMap((issue) => {
    const path = [...prefix, ...issue.path.map(toStep)];
    const branch = issue.code === 'invalid_union' ? issue.errors.find(isMeant) : undefined;
    return branch === undefined ? [{ issue, path }] : flatten(branch, path);
  });
}

/** Whether the type of an alternative fits, so that what is wrong lies inside it. */
function isMeant(issues: readonly ZodIssue[]): boolean {
  return (
    issues.length > 0 &&
    issues.every(({ path, code }) => path.length > 0 || code === 'unrecognized_keys')
  );
}

function describeUnknownKey(key: string, parent: SpecPath, { root }: ValueContext): UnknownKey {
  const keys = validKeys(schemaAt(root, parent));
  const near = nearestKey(key, keys);
  const where = parent.length === 0 ? 'at the top level' : `in ${formatPath(parent)}`;
  return {
    finding: {
      code: 'UNKNOWN_KEY',
      path: [...parent, key],
      at: 'key',
      message: `There is no key "${key}" ${where}`,
      hint: near === undefined ? `Use one of ${keys.join(', ')}.` : `Write ${near}.`,
    },
    ...(near === undefined ? {} : { meant: [...parent, near] }),
  };
}

function toStep(step: PropertyKey): string | number {
  return typeof step === 'number' ? step : String(step);
}
