import { describe, expect, test } from 'vitest';
import { engineReleases, findArgument, findEnvironment } from '../../src/catalog/index.ts';
import { parseFlags } from '../../src/engines/argument-check.ts';
import { planLayout } from '../../src/layout/index.ts';
import { aGroup, aSpec } from '../fixtures/a-spec.ts';
import { readRepositoryFile } from '../render/repository-file.ts';

const page = readRepositoryFile('docs/api.md');

/** What the first pod of V3.2 on H200 runs with. */
function served(engine: 'vllm' | 'sglang', release: string, thinking: boolean) {
  const base = aSpec();
  const [group] = planLayout({
    ...base,
    api: { ...base.api, thinking, servedModelNames: ['deepseek', 'deepseek-v3.2'] },
    groups: [aGroup({ engine, release })],
  }).groups;
  const workload = group?.kind === 'placed' ? group.workloads[0] : undefined;
  if (workload === undefined) throw new Error(JSON.stringify(group));
  const flags = new Map(
    parseFlags(workload.args).map(({ flag, values }) => [flag, values.join(' ')]),
  );
  return { flags, env: workload.env };
}

const releasesOf = (engine: string) => engineReleases.filter((row) => row.engine === engine);

describe('docs/api.md says what is written', () => {
  test.each(releasesOf('vllm'))('for vLLM $version', ({ version }) => {
    for (const thinking of [false, true]) {
      const { flags } = served('vllm', version, thinking);
      expect(Object.fromEntries(flags)).toMatchObject({
        '--default-chat-template-kwargs': JSON.stringify({ thinking }),
        '--override-generation-config': '{"temperature":1,"top_p":0.95}',
        '--reasoning-parser': 'deepseek_v3',
        '--tool-call-parser': 'deepseek_v32',
        '--enable-auto-tool-choice': '',
        '--enable-prefix-caching': '',
        '--enable-prompt-tokens-details': '',
        '--max-model-len': '131072',
        '--served-model-name': 'deepseek deepseek-v3.2',
      });
    }
  });

  test.each(releasesOf('sglang'))('for SGLang $version', (release) => {
    for (const thinking of [false, true]) {
      const { flags, env } = served('sglang', release.version, thinking);
      expect(Object.fromEntries(flags)).toMatchObject({
        '--reasoning-parser': 'deepseek-v3',
        '--tool-call-parser': 'deepseekv32',
        '--sampling-defaults': 'model',
        '--enable-cache-report': '',
        '--context-length': '131072',
        '--served-model-name': 'deepseek',
      });
      const hasFlag = findArgument(release, '--default-chat-template-kwargs') !== undefined;
      const byFlag = flags.get('--default-chat-template-kwargs');
      const byVariable = env.some(({ name }) => name === 'SGLANG_DEFAULT_THINKING');
      expect(byFlag).toBe(hasFlag ? JSON.stringify({ thinking }) : undefined);
      expect(byVariable).toBe(!hasFlag && thinking);
    }
  });

  test.each(engineReleases)('and variables that $engine $version reads', (release) => {
    const known = findEnvironment(release) ?? [];
    const prefix = release.engine === 'sglang' ? 'SGLANG' : 'VLLM';
    const named = [...page.matchAll(new RegExp(`\\b${prefix}_\\w+`, 'g'))].map(([name]) => name);
    expect(named.length).toBeGreaterThan(0);
    // Codes of notes look like variables.
    const codes = [
      'SGLANG_THINKING_UNPARSED',
      'SGLANG_REQUEST_TIMEOUT_RANKS',
      'VLLM_REQUEST_TIMEOUT',
    ];
    expect(named.filter((name) => !known.includes(name) && !codes.includes(name))).toEqual([]);
  });

  test('and names flags that some command line has', () => {
    const named = [...page.matchAll(/`(--[a-z0-9-]+)(?: ([\w.-]+))?`/g)];
    expect(named.length).toBeGreaterThan(5);
    const lines = [served('vllm', '0.33.0', true), served('sglang', '0.5.23', true)];
    for (const [text, flag = '', value] of named) {
      const values = lines.map(({ flags }) => flags.get(flag));
      expect(
        values.some((given) => given !== undefined),
        text,
      ).toBe(true);
      if (value !== undefined) expect(values, text).toContain(value);
    }
  });
});
