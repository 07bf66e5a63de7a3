import fc from 'fast-check';
import { describe, test } from 'vitest';
import { parseSpec } from '../../src/spec/index.ts';
import { aSpecText } from './a-spec-text.ts';

const lines = aSpecText().trimEnd().split('\n');
const fragment = fc.constantFrom(
  '',
  ':',
  '- ',
  '{',
  ']',
  '&a ',
  '*a',
  '<<: *a',
  'null',
  '012',
  'yes',
  '"',
  '\t',
  '__proto__: 1',
  '---',
  '? [a]',
  '!!binary x',
);

/** Whether a result is a spec, or issues that lie inside the text and are in order. */
function isAnswer(text: string): boolean {
  const result = parseSpec(text, { fileName: 'f' });
  if (result.kind === 'spec') return true;
  const lineCount = text.split('\n').length;
  const { issues } = result;
  return (
    issues.length > 0 &&
    issues.every(({ line, column }) => line >= 1 && line <= lineCount && column >= 1) &&
    issues.every(({ line }, index) => line >= (issues[index - 1]?.line ?? 0))
  );
}

describe('parseSpec()', () => {
  test('answers any text with a spec or with issues inside it', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), isAnswer), {
      numRuns: 300,
    });
  });

  test('answers a valid file with any line damaged', () => {
    const damage = fc.tuple(fc.nat(lines.length - 1), fc.nat(60), fragment);
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 3 }), (damages) => {
        const text = [...lines];
        for (const [index, column, inserted] of damages) {
          const line = text[index] ?? '';
          text[index] = `${line.slice(0, column)}${inserted}${line.slice(column)}`;
        }
        return isAnswer(text.join('\n'));
      }),
      { numRuns: 150 },
    );
  });

  test('answers any JSON value in the place of any line', () => {
    fc.assert(
      fc.property(fc.nat(lines.length - 1), fc.jsonValue({ maxDepth: 3 }), (index, value) => {
        const text = lines.map((line, i) =>
          i === index ? `${/^[\s-]*[^:]*/.exec(line)?.[0] ?? ''}: ${JSON.stringify(value)}` : line,
        );
        return isAnswer(text.join('\n'));
      }),
      { numRuns: 150 },
    );
  });
});
