import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { dumpYaml } from '../../src/render/index.ts';
import { parseSpec, type Spec, toSpecFile } from '../../src/spec/index.ts';
import { readRepositoryFile } from '../render/repository-file.ts';

const specs = ['templates', 'test/fixtures/specs'].flatMap((folder) =>
  readdirSync(new URL(`../../${folder}`, import.meta.url))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => `${folder}/${name}`),
);

function parse(text: string): Spec {
  const parsed = parseSpec(text, { fileName: 'spec.yaml' });
  if (parsed.kind === 'issues') throw new Error(JSON.stringify(parsed.issues, null, 1));
  return parsed.spec;
}

describe('toSpecFile()', () => {
  test.each(specs)('%s reads back as the same spec', (path) => {
    const spec = parse(readRepositoryFile(path));
    const text = dumpYaml(toSpecFile(spec));
    expect(parse(text)).toEqual(spec);
    expect(dumpYaml(toSpecFile(parse(text)))).toBe(text);
  });

  test('keeps what the files above leave out: limits, measured memory, an odd read rate', () => {
    const spec = parse(readRepositoryFile('templates/h200-vllm-2-nodes.yaml'));
    const [group] = spec.groups;
    if (group === undefined) throw new Error('the template has a group');
    const full: Spec = {
      ...spec,
      model: { ...spec.model, weights: { ...spec.model.weights, readBytesPerSecond: 1_234_567 } },
      groups: [
        {
          ...group,
          parallelism: 'auto',
          objective: { concurrency: 64, tpotMs: 50, contextTokens: 65_536 },
          memory: {
            measured: {
              deviceBytes: 151_000_000_000,
              weightsBytes: 86_573_000_001,
              overheadBytes: 7_001,
            },
          },
        },
      ],
    };
    expect(parse(dumpYaml(toSpecFile(full)))).toEqual(full);
  });
});
