import type { LogLine } from '../log-line.ts';
import type { Signature } from './signature.ts';

/** Lines that go with a finding. */
const shownLines = 3;

/** How far away a line may be and still belong to the same failure. */
const usualReach = 40;

/** The last line of a Python traceback, which names the error. */
export const exceptionLine = /(?:^|[\s\]])(?:[\w.]+\.)?\w*(?:Error|Exception|Interrupt)(?::|$)/;

/**
 * Picks the lines that show a failure, in the order of the log: the one that proves it, then lines
 * that tell more about it, then the error of its traceback, then its neighbours. Of what only slows
 * a group down the last two say nothing.
 */
export function showLines(
  lines: readonly LogLine[],
  position: number,
  signature: Pick<Signature, 'pattern' | 'support' | 'weight' | 'reach'>,
): readonly string[] {
  const { pattern, support, weight, reach = usualReach } = signature;
  const near = lines
    .map(({ text }, index) => ({ text, index, distance: Math.abs(index - position) }))
    .filter(({ distance, index }) => distance <= reach && index !== position)
    .toSorted((a, b) => a.distance - b.distance || b.index - a.index);
  const first = lines[position]?.text ?? '';
  const chosen = new Map([[position, first]]);
  const bare = new Set([withoutPrefix(first)]);
  const tests = [
    (text: string) => support?.test(text) === true,
    (text: string) => pattern.test(text),
    // An engine that goes on has nothing to do with the errors and lines around it.
    ...(weight === 'degraded'
      ? []
      : [
          (text: string) => exceptionLine.test(text),
          (text: string) => !/^\s+(?:File "|\^|~)/.test(text),
        ]),
  ];
  for (const test of tests) {
    for (const { text, index } of near) {
      if (chosen.size >= shownLines) break;
      // Every rank writes the same line; one of them is enough.
      if (bare.has(withoutPrefix(text)) || !test(text)) continue;
      chosen.set(index, text);
      bare.add(withoutPrefix(text));
    }
  }
  return [...chosen].toSorted(([a], [b]) => a - b).map(([, text]) => text.trim());
}

/** A line without who wrote it and when, for comparing what ranks say. */
function withoutPrefix(text: string): string {
  return text
    .replace(/^(?:\([^)]*\)\s*)+/, '')
    .replaceAll(/\d+/g, '0')
    .trim();
}
