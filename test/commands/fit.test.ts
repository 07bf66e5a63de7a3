import { describe, expect, test } from 'vitest';
import type { FitDocument } from '../../src/commands/documents.ts';
import { FakeFiles, run, templateText } from './fake-context.ts';
import { cut, type SpecText, specText } from './spec-texts.ts';

async function fit(text: SpecText) {
  const files = new FakeFiles({ 'dsdeploy.yaml': specText(text) });
  const { code, stdout } = await run('fit -o json', { files });
  const document: FitDocument = JSON.parse(stdout);
  const [group] = document.groups;
  if (group === undefined) throw new Error('no group');
  return { code, document, group };
}

const sglang = { engine: 'sglang', release: '0.5.23', context: 8192 } as const;
const vllm = { engine: 'vllm', release: '0.33.0' } as const;

/** What published start-up logs state, and the tokens or GiB they print. */
const logs: readonly { readonly log: string; readonly spec: SpecText; readonly tokens: number }[] =
  [
    {
      log: 'SGLang of May 2026, V3.2 on 8 x H200, fraction 0.6',
      spec: {
        group: {
          ...sglang,
          parallelism: cut(8),
          kvCache: 'fp8',
          memoryUtilization: 0.6,
          memory: {
            measured: { freeDeviceMemory: '137.94Gi' },
            replay: { release: '0.5.12', blockTokens: 64 },
          },
        },
      },
      tokens: 53_056,
    },
    {
      log: 'SGLang of February 2025, R1 on 2 x 8 H20-96',
      spec: {
        model: 'deepseek-ai/DeepSeek-R1',
        accelerator: 'h20-96',
        nodes: 2,
        group: {
          ...sglang,
          parallelism: cut(16),
          kvCache: 'bf16',
          memoryUtilization: 0.93,
          memory: {
            measured: { freeDeviceMemory: '93.5Gi' },
            replay: { release: '0.4.3', blockTokens: 1, cacheLayout: 'bf16' },
          },
        },
      },
      tokens: 712_400,
    },
    {
      log: 'the same at fraction 0.8, before graph capture ran out of memory',
      spec: {
        group: {
          ...sglang,
          parallelism: cut(8),
          kvCache: 'fp8',
          memoryUtilization: 0.8,
          memory: {
            measured: { freeDeviceMemory: '137.94Gi' },
            replay: { release: '0.5.12', blockTokens: 64 },
          },
        },
      },
      tokens: 739_100,
    },
    {
      log: 'SGLang 0.5.15.post1, GLM-5.2-MXFP4 on 8 x MI355X: 145.55 GB of cache in each data rank',
      spec: {
        model: 'amd/GLM-5.2-MXFP4',
        accelerator: 'mi355x',
        group: {
          ...sglang,
          parallelism: { tensor: 1, data: 8, pipeline: 1, expert: true },
          kvCache: 'fp8',
          memoryUtilization: 0.8,
          memory: {
            measured: { freeDeviceMemory: '276.85Gi', weights: '75.92Gi' },
            replay: { release: '0.5.15', blockTokens: 64, cacheLayout: 'fp8-plain' },
          },
        },
      },
      tokens: 2_829_952,
    },
    {
      log: 'vLLM recipe of November 2025, Kimi-K2-Thinking on 8 x H200, the defaults of that release',
      spec: {
        model: 'moonshotai/Kimi-K2-Thinking',
        group: {
          ...vllm,
          parallelism: cut(8),
          context: 262_144,
          memory: { replay: { release: '0.12.0' } },
        },
      },
      tokens: 715_072,
    },
    {
      log: 'sgl-project/sglang#11309, V3.2-Exp on 8 x B200, the default fraction of that release',
      spec: {
        model: 'deepseek-ai/DeepSeek-V3.2-Exp',
        accelerator: 'b200',
        group: {
          ...sglang,
          parallelism: cut(1, 8),
          kvCache: 'fp8',
          memory: { replay: { release: '0.5.4', cacheLayout: 'fp8-ds-mla' } },
        },
      },
      tokens: 975_424,
    },
    {
      log: 'V3 on 8 x H200 with vLLM 0.7.1, the overhead as 0.7.0 had it',
      spec: {
        model: 'deepseek-ai/DeepSeek-V3',
        group: {
          ...vllm,
          parallelism: cut(8),
          context: 8192,
          memory: {
            measured: { overhead: '8.44Gi' },
            replay: { release: '0.7.1', blockTokens: 16 },
          },
        },
      },
      tokens: 512_000,
    },
  ];

describe('fit replays published start-up logs', () => {
  test.each(logs)('$log', async ({ spec, tokens }) => {
    const { code, group } = await fit(spec);
    expect(group.memoryFits).toBe(true);
    expect(code).toBe(0);
    expect((group.kvTokensPerRank ?? 0) / tokens).toBeGreaterThan(0.97);
    expect((group.kvTokensPerRank ?? 0) / tokens).toBeLessThan(1.03);
  });

  test('and plans none of them', async () => {
    const files = new FakeFiles({ 'dsdeploy.yaml': specText(logs[0]?.spec ?? { group: {} }) });
    const { code, stdout } = await run('plan --offline', { files });
    expect(code).toBe(4);
    expect(stdout).toContain('LAYOUT_REPLAY_ONLY');
  });
});

/** Misses by little, so that several single changes help. */
const tight = {
  ...vllm,
  parallelism: { tensor: 2, data: 4, pipeline: 1, expert: true },
  context: 163_840,
  memoryUtilization: 0.82,
  kvCache: 'bf16',
  maxBatchedTokens: 8192,
};

describe('fit -o json', () => {
  test('gives for each group what the engine will print', async () => {
    const files = new FakeFiles({ 'dsdeploy.yaml': templateText });
    const { stdout } = await run('fit -o json', { files });
    const document: FitDocument = JSON.parse(stdout);
    expect(document.groups[0]).toMatchObject({
      fits: true,
      memoryFits: true,
      kvBytesPerToken: 78_324,
      sequences: { '8K': expect.any(Number), '128K': expect.any(Number) },
      expectedLogLines: expect.arrayContaining([
        expect.objectContaining({ name: 'kv-tokens', unit: 'tokens' }),
      ]),
      host: expect.arrayContaining([expect.objectContaining({ name: 'rdma-devices' })]),
    });
    const [group] = document.groups;
    expect(group?.kvTokensTotal).toBe((group?.kvTokensPerRank ?? 0) * 16);
  });

  test('names the term that does not fit, by how much, and what makes it fit', async () => {
    const { code, group: found } = await fit({ group: tight });
    expect(code).toBe(4);
    expect(found.binding?.missingBytes).toBeGreaterThan(0);
    expect(found.binding?.fixes.map(({ set }) => set)).toContain('kvCache: fp8');
    expect(found.binding?.fixes.at(-1)?.change).toBe('nodes');
  });

  test('every fix it names makes the group fit', async () => {
    const { group: refused } = await fit({ group: tight });
    const settings = (refused.binding?.fixes ?? []).filter(({ change }) => change !== 'nodes');
    expect(settings.length).toBeGreaterThan(1);
    for (const { set } of settings) {
      const [key = '', value = ''] = set.split(': ');
      const number = Number(value);
      const changed = { ...tight, [key]: Number.isNaN(number) ? value : number };
      expect((await fit({ group: changed })).group.fits, set).toBe(true);
    }
  });

  test('shows the arithmetic of a group that no engine may run', async () => {
    const { code, group } = await fit({
      accelerator: 'ascend-a3',
      group: { ...vllm, parallelism: cut(8, 2) },
    });
    expect(code).toBe(4);
    expect(group.fits).toBe(false);
    expect(group.weightsBytesPerRank).toBeGreaterThan(40 * 2 ** 30);
  });
});

describe('fit', () => {
  test('draws a bar, and with --explain prints the source of every term', async () => {
    const { stdout } = await run('fit');
    expect(stdout).toMatch(/each of 16 ranks, 139\.80 GiB\n {2}\[#+o+=+\^*\.*\]/);
    expect(stdout).not.toContain('getWorkspaceDeviceBufferSizes');
    expect((await run('fit --explain')).stdout).toContain('getWorkspaceDeviceBufferSizes');
  });
});
