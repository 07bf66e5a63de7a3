import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  accelerators,
  type EngineReleaseRow,
  engineReleases,
  findAccelerator,
  findEnvironment,
  findRegistry,
  findRelease,
  type ModelRow,
  models,
} from '../../src/catalog/index.ts';
import { checkArguments, parseFlags } from '../../src/engines/argument-check.ts';
import { builtInCatalog } from '../../src/layout/group-facts.ts';
import { type PlacedGroup, planLayout } from '../../src/layout/index.ts';
import { parseSpec, type Spec } from '../../src/spec/index.ts';
import { aGroup, aPool, aSpec } from '../fixtures/a-spec.ts';
import { readRepositoryFile, repositoryRoot } from '../render/repository-file.ts';

interface Named {
  readonly name: string;
  readonly group: PlacedGroup;
  readonly release: EngineReleaseRow;
}

/** Every group that templates and test specs place, and each again on every release of its engine. */
const placed: readonly Named[] = ['templates', 'test/fixtures/specs'].flatMap((folder) =>
  readdirSync(`${repositoryRoot}${folder}`)
    .filter((name) => name.endsWith('.yaml'))
    .flatMap((name) => onEveryRelease(name, aSpecOf(`${folder}/${name}`))),
);

function aSpecOf(fileName: string): Spec {
  const result = parseSpec(readRepositoryFile(fileName), { fileName });
  if (result.kind === 'issues') throw new Error(JSON.stringify(result.issues));
  return result.spec;
}

function onEveryRelease(file: string, spec: Spec): Named[] {
  const [first] = spec.groups;
  const releases = engineReleases.filter(({ engine }) => engine === first?.engine);
  return releases.flatMap((release) => {
    const groups = spec.groups.map((group) =>
      group.engine === release.engine
        ? { ...group, release: release.version, image: 'registry.example/engine:1' }
        : group,
    );
    return planLayout({ ...spec, groups }).groups.flatMap((group) =>
      group.kind === 'refused'
        ? []
        : [{ name: `${file} ${release.version} ${group.name}`, group, release: releaseOf(group) }],
    );
  });
}

function releaseOf({ spec }: PlacedGroup): EngineReleaseRow {
  const release = findRelease(spec.engine, spec.release);
  if (release === undefined) throw new Error(`no release ${spec.release}`);
  return release;
}

function ownFlags(group: PlacedGroup): readonly string[][] {
  return group.workloads.map(({ args }) => args.filter((_, index) => index > 0));
}

describe('every generated command line', () => {
  test('comes from every engine and every kind of pool', () => {
    expect(new Set(placed.map(({ group }) => group.spec.engine)).size).toBe(3);
    const vendors = placed.map(({ group }) => findAccelerator(group.pool.accelerator)?.vendor);
    expect(new Set(vendors).size).toBe(3);
    expect(placed.length).toBeGreaterThan(60);
  });

  test.each(placed)('$name passes the parser of its release', ({ group, release }) => {
    for (const args of ownFlags(group)) expect(checkArguments(args, release)).toEqual([]);
  });

  test.each(placed)('$name repeats no flag', ({ group }) => {
    for (const args of ownFlags(group)) {
      const flags = parseFlags(args).map(({ flag }) => flag);
      expect(flags.filter((flag, index) => flags.indexOf(flag) !== index)).toEqual([]);
    }
  });

  test.each(placed)('$name names parsers the release has', ({ group, release }) => {
    const { toolParsers, reasoningParsers } = findRegistry(release) ?? {};
    const valuesOf = (flag: string) =>
      ownFlags(group)
        .flatMap(parseFlags)
        .flatMap((given) => (given.flag === flag ? given.values : []));
    for (const name of valuesOf('--tool-call-parser')) expect(toolParsers).toContain(name);
    for (const name of valuesOf('--reasoning-parser')) expect(reasoningParsers).toContain(name);
  });

  test.each(placed)('$name sets only variables the release reads', ({ group, release }) => {
    const known = findEnvironment(release) ?? [];
    const unread = group.workloads.flatMap(({ env, args }) =>
      env
        .map(({ name }) => name)
        .filter((name) => /^(VLLM|SGLANG|SGL)_/.test(name) && !known.includes(name))
        // Kubernetes puts it into an argument; the engine need not read it.
        .filter((name) => !args.some((arg) => arg.includes(`$(${name})`))),
    );
    expect(unread).toEqual([]);
  });
});

describe('a model that is only a new row', () => {
  const base = models[0];
  if (base === undefined) throw new Error('no model');
  const row: ModelRow = {
    ...base,
    id: 'example/Whale-62',
    architecture: { ...base.architecture, layers: 62 },
    sampling: { temperature: 0.7, topP: 0.9 },
    source: 'made up for this test',
  };
  const catalog = {
    ...builtInCatalog,
    findModel: (id: string) => (id === row.id ? row : builtInCatalog.findModel(id)),
  };
  const { sampling } = row;
  const spec = (id: string, release: Pick<EngineReleaseRow, 'engine' | 'version'>) =>
    aSpec({
      model: { ...aSpec().model, id },
      api: { ...aSpec().api, sampling, servedModelNames: [id] },
      groups: [aGroup({ engine: release.engine, release: release.version })],
      pools: [aPool()],
    });

  test.each(engineReleases.filter(({ engine }) => engine !== 'vllm-ascend'))(
    'is planned and served by $engine $version without new code',
    (release) => {
      const [group] = planLayout(spec(row.id, release), catalog).groups;
      if (group?.kind !== 'placed') throw new Error(JSON.stringify(group));
      expect(group.modelPath).toBe('/models/Whale-62');
      const flags = ownFlags(group).flatMap(parseFlags);
      const parser = flags.find(({ flag }) => flag === '--tool-call-parser')?.values[0];
      expect(parser).toMatch(/^deepseek_?v32$/);
      const known = planLayout(spec(base.id, release)).groups[0];
      const bytes = known?.kind === 'placed' ? known.memory.weightsBytesPerRank : 0;
      expect(group.memory.weightsBytesPerRank).toBeGreaterThan(bytes);
    },
  );

  test('whose chat format nobody knows is served without parsers, and the plan says so', () => {
    const stranger = { ...row, id: 'example/Stranger-1T', family: 'other' as const };
    const [group] = planLayout(spec(stranger.id, { engine: 'vllm', version: '0.33.0' }), {
      ...catalog,
      findModel: () => stranger,
    }).groups;
    if (group?.kind !== 'placed') throw new Error(JSON.stringify(group));
    expect(group.notes.map(({ code }) => code)).toContain('CHAT_FORMAT_UNKNOWN');
    expect(group.workloads[0]?.args).not.toContain('--tool-call-parser');
  });
});

describe('the models of the catalog', () => {
  const vllmArgs = (id: string) => {
    const spec = aSpec({ model: { ...aSpec().model, id } });
    const [group] = planLayout(spec).groups;
    return group?.kind === 'placed' ? group.workloads[0]?.args : undefined;
  };

  test.each([
    { id: 'deepseek-ai/DeepSeek-V3.2', tools: 'deepseek_v32', thinks: 'deepseek_v3' },
    { id: 'deepseek-ai/DeepSeek-V3.2-Exp', tools: 'deepseek_v32', thinks: 'deepseek_v3' },
    { id: 'deepseek-ai/DeepSeek-V3.2-Speciale', tools: undefined, thinks: 'deepseek_v3' },
    { id: 'deepseek-ai/DeepSeek-V3.1', tools: 'deepseek_v31', thinks: 'deepseek_v3' },
    { id: 'deepseek-ai/DeepSeek-V3', tools: 'deepseek_v3', thinks: undefined },
    { id: 'deepseek-ai/DeepSeek-R1', tools: 'deepseek_v3', thinks: 'deepseek_r1' },
    { id: 'moonshotai/Kimi-K2-Instruct', tools: 'kimi_k2', thinks: undefined },
  ])('$id calls tools with $tools and thinks with $thinks on vLLM', ({ id, tools, thinks }) => {
    const args = vllmArgs(id);
    const value = (flag: string) => args?.[args.indexOf(flag) + 1];
    expect(args).toBeDefined();
    expect(args?.includes('--tool-call-parser') ? value('--tool-call-parser') : undefined).toBe(
      tools,
    );
    expect(args?.includes('--reasoning-parser') ? value('--reasoning-parser') : undefined).toBe(
      thinks,
    );
  });

  test('Speciale always thinks, whatever the file says', () => {
    expect(vllmArgs('deepseek-ai/DeepSeek-V3.2-Speciale')).toContain('{"thinking":true}');
  });

  test('every accelerator finds an image or is told that it needs one', () => {
    for (const { id } of accelerators) {
      const pools = [aPool({ accelerator: id })];
      const [group] = planLayout(aSpec({ pools })).groups;
      const codes = group?.kind === 'refused' ? group.reasons.map(({ code }) => code) : [];
      expect(group?.kind === 'placed' ? group.image : codes.join(), id).not.toBe('');
    }
  });
});
