import { describe, expect, test } from 'vitest';
import { expectedLogLines } from '../../src/capacity/index.ts';
import {
  accelerators,
  engineReleases,
  type ModelRow,
  memoryBehaviours,
  models,
} from '../../src/catalog/index.ts';
import { fitRequestOf, groupFacts, questionFor, siteCatalog } from '../../src/layout/index.ts';
import { parseSpec } from '../../src/spec/index.ts';
import { specText } from '../commands/spec-texts.ts';

const catalog = siteCatalog(undefined);

/** The numbers `fit` gives for 16 devices of one kind, whether or not an engine runs there. */
function numbersOf(text: string) {
  const parsed = parseSpec(text, { fileName: 'dsdeploy.yaml' });
  if (parsed.kind !== 'spec') throw new Error(JSON.stringify(parsed.issues));
  const [group] = parsed.spec.groups;
  if (group === undefined || group.parallelism === 'auto') throw new Error('no group');
  const facts = groupFacts(parsed.spec, group, catalog);
  const request = fitRequestOf(facts, questionFor(facts, group.parallelism));
  const memory = facts.engine.fit(request);
  return { memory, lines: expectedLogLines(facts.release.engine, memory, request) };
}

/** The newest release of each engine, and those whose memory behaves otherwise, which logs are of. */
const releases = ['vllm', 'vllm-ascend', 'sglang'].flatMap((engine) => {
  const version = engineReleases.find((row) => row.engine === engine)?.version ?? '';
  const older = memoryBehaviours.filter((row) => row.engine === engine && row.since !== '0.0.0');
  return [undefined, ...older.map(({ since }) => since)].map((replay) => ({
    engine,
    version,
    replay,
  }));
});

function textOf(model: ModelRow, device: string, kvCache: string, release: (typeof releases)[0]) {
  const { devicesPerNode } = accelerators.find(({ id }) => id === device) ?? { devicesPerNode: 8 };
  const { engine, version, replay } = release;
  return specText({
    model: model.id,
    accelerator: device,
    nodes: 16 / devicesPerNode,
    group: {
      engine,
      release: version,
      parallelism: { tensor: 8, data: 2, pipeline: 1, expert: true },
      context: 4096,
      kvCache,
      ...(replay === undefined ? {} : { memory: { replay: { release: replay } } }),
    },
  });
}

describe('fit states every model on every device', () => {
  test.each(models)('$id', (model) => {
    for (const { id: device, memoryBytes } of accelerators) {
      for (const release of releases) {
        for (const kvCache of ['bf16', 'fp8']) {
          const { memory, lines } = numbersOf(textOf(model, device, kvCache, release));
          expect(memory.weightsBytesPerRank).toBeGreaterThan(20 * 2 ** 30);
          expect(memory.weightsBytesPerRank).toBeLessThan(200 * 2 ** 30);
          expect(memory.budgetBytes).toBeLessThanOrEqual(memoryBytes);
          expect(memory.kvTokensPerRank * memory.kvBytesPerToken).toBeLessThanOrEqual(
            Math.max(0, memory.kvBytesPerRank),
          );
          expect(memory.fits).toBe(memory.binding === undefined);
          expect(lines.every(({ value }) => Number.isFinite(value))).toBe(true);
        }
      }
    }
  });
});
