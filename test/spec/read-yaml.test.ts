import { describe, expect, test } from 'vitest';
import { aSpecText, issuesOf, specOf } from './a-spec-text.ts';

describe('parseSpec() on text that is no spec', () => {
  test.each([
    { text: '', code: 'EMPTY_FILE', at: '1:1' },
    { text: '# a comment\n', code: 'EMPTY_FILE', at: '1:1' },
    { text: '---\n...\n', code: 'EMPTY_FILE', at: '1:1' },
    { text: '- a\n- b\n', code: 'NOT_A_MAPPING', at: '1:1' },
    { text: 'just text\n', code: 'NOT_A_MAPPING', at: '1:1' },
    { text: 'a: 1\n---\nb: 2\n', code: 'SEVERAL_DOCUMENTS', at: '2:1' },
    { text: 'apiVersion: apps/v1\nkind: Deployment\n', code: 'NOT_A_SPEC', at: '2:1' },
    { text: 'a: b: c\n', code: 'YAML_SYNTAX', at: '1:4' },
    { text: 'a:\n\tb: 1\n', code: 'YAML_SYNTAX', at: '2:1' },
    { text: 'a: [1, 2\nb: 3\n', code: 'YAML_SYNTAX', at: '2:1' },
    { text: 'a: `b`\n', code: 'YAML_SYNTAX', at: '1:4' },
    { text: '['.repeat(20_000), code: 'YAML_SYNTAX', at: undefined },
    { text: 'a: *nowhere\n', code: 'YAML_ALIAS', at: '1:4' },
    { text: 'a: &a { <<: 1 }\n', code: 'YAML_ALIAS', at: '1:1' },
    { text: aliasBomb(), code: 'YAML_ALIAS', at: '1:1' },
  ])('reports $code for %#', ({ text, code, at }) => {
    const [issue, ...others] = issuesOf(text);
    expect(others).toEqual([]);
    expect(issue).toMatchObject({ code, hint: expect.any(String) });
    if (at !== undefined) expect(`${issue?.line}:${issue?.column}`).toBe(at);
  });

  test('tells what to do with a saved plan', () => {
    const [issue] = issuesOf('apiVersion: dsdeploy/v1\nkind: SavedPlan\n');
    expect(issue).toMatchObject({
      code: 'NOT_A_SPEC',
      hint: expect.stringContaining('apply PLAN'),
    });
  });

  test('says how to get a file when there is none', () => {
    expect(issuesOf('')[0]?.hint).toContain('dsdeploy init');
  });

  test('reports tabs after the first broken line, and no cascade', () => {
    const codes = issuesOf('a: b: c\n\td: 1\n\te: [\nf\ng: h: i\n').map(({ line }) => line);
    expect(codes).toEqual([1, 2, 3]);
  });
});

describe('parseSpec() on legal YAML', () => {
  test('reports a duplicate key with its name and goes on with the rest', () => {
    const issues = issuesOf(
      aSpecText(['name: deepseek', 'name: a\nname: b'], ['nodes: 2', 'nodes: x']),
    );
    expect(issues.map(({ code, line }) => `${code} ${line}`)).toEqual([
      'DUPLICATE_KEY 3',
      'WRONG_TYPE 12',
    ]);
    expect(issues[0]?.message).toContain('"name"');
  });

  test('refuses a number that is octal for other readers, once', () => {
    const [issue, ...others] = issuesOf(aSpecText(['nodes: 2', 'nodes: 02']));
    expect(others).toEqual([]);
    expect(issue).toMatchObject({ code: 'AMBIGUOUS_NUMBER', path: 'pools.h200.nodes', line: 11 });
  });

  test('follows anchors and merges', () => {
    const spec = specOf(
      aSpecText(
        ['  h200:\n', '  spare: &base\n'],
        ['groups:', '  h200:\n    <<: *base\n    nodes: 4\ngroups:'],
      ),
    );
    expect(spec.pools.map(({ name, nodes }) => `${name} ${nodes}`)).toEqual(['spare 2', 'h200 4']);
  });

  test('points into the merged mapping for a wrong value that came from there', () => {
    const issues = issuesOf(
      aSpecText(
        ['  h200:\n', '  spare: &base\n'],
        ['nodes: 2', 'nodes: two'],
        ['groups:', '  h200:\n    <<: *base\ngroups:'],
      ),
    );
    expect(issues.map(({ path, line }) => `${path} ${line}`)).toEqual([
      'pools.spare.nodes 11',
      'pools.h200.nodes 11',
    ]);
  });

  test('reads yes as text under a YAML 1.1 directive too', () => {
    const issues = issuesOf(`%YAML 1.1\n---\n${aSpecText(['expert: true', 'expert: yes'])}`);
    expect(issues.map(({ code }) => code)).toEqual(['WRONG_TYPE']);
  });

  test('reads CRLF line ends and a byte order mark', () => {
    const crlf = `\uFEFF${aSpecText().replaceAll('\n', '\r\n')}`;
    expect(specOf(crlf)).toEqual(specOf(aSpecText()));
  });
});

/** Nine lists of nine aliases each: nine to the ninth values from 200 characters. */
function aliasBomb(): string {
  const names = 'a b c d e f g h i'.split(' ');
  const lines = names.map((name, index) => {
    const items = index === 0 ? '1' : `*${names[index - 1]}`;
    return `${name}: &${name} [${Array(9).fill(items).join(', ')}]`;
  });
  return `${lines.join('\n')}\n`;
}
