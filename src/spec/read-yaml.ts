import { type Document, isScalar, LineCounter, parseDocument } from 'yaml';
import type { SpecIssue, TextFinding } from './issue.ts';
import { SourceMap } from './source-map.ts';
import { findSuspects } from './suspect-nodes.ts';
import { describeSyntaxError } from './yaml-syntax.ts';

/** The YAML value with its positions, or nothing usable; `issues` holds what is wrong either way. */
export interface YamlReading {
  /** `undefined` when the rest cannot be checked. */
  readonly value: unknown;
  readonly sourceMap: SourceMap;
  readonly issues: readonly SpecIssue[];
  readonly warnings: readonly SpecIssue[];
}

/**
 * Reads one YAML 1.2 document, with anchors and `<<` merges.
 *
 * A duplicate key or an ambiguous number lets the later stages go on; broken syntax does not, since
 * their messages would be about a tree that nobody wrote.
 */
export function readYaml(text: string, fileName: string): YamlReading {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    merge: true,
    // Also under a `%YAML 1.1` directive, so that every file is read by the same rules.
    schema: 'core',
    // The parser would print its own warnings to stderr.
    logLevel: 'error',
  });
  const sourceMap = new SourceMap(document, lines);
  const toIssue = ({ offset, path = '', ...finding }: TextFinding): SpecIssue => ({
    ...finding,
    file: fileName,
    path,
    ...sourceMap.atOffset(offset),
  });
  const warnings = document.warnings.map(({ pos, message }) =>
    toIssue({ code: 'YAML_TAG', offset: pos[0], message, hint: 'Remove the tag.' }),
  );
  const stopped = (findings: readonly TextFinding[]): YamlReading => ({
    value: undefined,
    sourceMap,
    issues: findings.map(toIssue),
    warnings,
  });

  const fatal = findFatal(text, document);
  if (fatal.length > 0) return stopped(fatal);
  const findings = [...findDuplicateKeys(text, document), ...findSuspects(document)];
  if (findings.some(({ code }) => code === 'YAML_ALIAS')) return stopped(findings);
  const plain = toPlainValue(document);
  if ('refused' in plain) return stopped([...findings, plain.refused]);
  return { value: plain.value, sourceMap, issues: findings.map(toIssue), warnings };
}

/** Builds plain data, or says why the library's guards refused to. */
function toPlainValue(document: Document.Parsed): { value: unknown } | { refused: TextFinding } {
  try {
    const value: unknown = document.toJS();
    return { value };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      refused: {
        code: 'YAML_ALIAS',
        offset: 0,
        message: `Cannot follow the anchors and merges of this file: ${reason}`,
        hint: 'Write the values out.',
      },
    };
  }
}

function findFatal(text: string, document: Document.Parsed): readonly TextFinding[] {
  const errors = document.errors.filter(({ code }) => code !== 'DUPLICATE_KEY');
  if (errors.length > 0) return describeSyntaxErrors(errors);
  const { contents } = document;
  if (contents !== null && !(isScalar(contents) && contents.value === null)) return [];
  const what = text.trim() === '' ? 'is empty' : 'holds no keys';
  return [
    {
      code: 'EMPTY_FILE',
      offset: 0,
      message: `Cannot read the spec: the file ${what}`,
      hint: 'Write one with `dsdeploy init`.',
    },
  ];
}

function describeSyntaxErrors(errors: Document.Parsed['errors']): readonly TextFinding[] {
  const inOrder = errors.toSorted((a, b) => a.pos[0] - b.pos[0]);
  // After the first broken line the parser is lost; only what one character shows stays true.
  const lasting = ['BAD_SCALAR_START', 'TAB_AS_INDENT'];
  return inOrder
    .filter(({ code }, index) => index === 0 || lasting.includes(code))
    .map(describeSyntaxError);
}

function findDuplicateKeys(text: string, document: Document.Parsed): readonly TextFinding[] {
  return document.errors
    .filter(({ code }) => code === 'DUPLICATE_KEY')
    .map(({ pos }) => {
      const key = /^"[^"\n]*"|^'[^'\n]*'|^[^:\n]*/.exec(text.slice(pos[0]))?.[0] ?? '';
      return {
        code: 'DUPLICATE_KEY',
        offset: pos[0],
        message: `The key "${key.replaceAll(/["']/g, '').trim()}" is there a second time in this mapping`,
        hint: 'Keep one of the two; YAML readers disagree on which one counts.',
      };
    });
}
