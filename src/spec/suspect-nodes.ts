import { type Document, isNode, isPair, isScalar, isSeq, visit } from 'yaml';
import { formatPath, type SpecPath, type TextFinding } from './issue.ts';

type Ancestors = readonly unknown[];

/** Finds what is legal YAML and yet not what its writer meant: octal numbers, unknown anchors. */
export function findSuspects(document: Document.Parsed): readonly TextFinding[] {
  const findings: TextFinding[] = [];
  visit(document, {
    Scalar: (_key, node, ancestors) => {
      const { value, source, range } = node;
      if (typeof value !== 'number' || source === undefined || !/^[-+]?0\d+$/.test(source)) return;
      findings.push({
        code: 'AMBIGUOUS_NUMBER',
        offset: range?.[0] ?? 0,
        path: pathOf([...ancestors, node]),
        message: `The number ${source} has two meanings: ${value} in YAML 1.2, octal in YAML 1.1`,
        hint: `Write ${value}, or quote it where text is wanted: "${source}".`,
      });
    },
    Alias: (_key, node, ancestors) => {
      if (node.resolve(document) !== undefined) return;
      findings.push({
        code: 'YAML_ALIAS',
        offset: node.range?.[0] ?? 0,
        path: pathOf([...ancestors, node]),
        message: `The alias *${node.source} has no anchor &${node.source} above it`,
        hint: `Define &${node.source} earlier in the file, or quote a text that starts with *.`,
      });
    },
  });
  return findings;
}

function pathOf(nodes: Ancestors): string {
  const steps = nodes.flatMap((node, index): SpecPath => {
    if (isPair(node)) return isScalar(node.key) ? [node.key.source ?? String(node.key.value)] : [];
    const next = nodes[index + 1];
    return isSeq(node) && isNode(next) ? [node.items.indexOf(next)] : [];
  });
  return formatPath(steps);
}
