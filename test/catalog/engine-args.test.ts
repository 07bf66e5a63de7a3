import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { EngineArgument } from '../../src/catalog/engine-release/release-row.ts';

const folder = new URL('../../src/catalog/engine-args/', import.meta.url);

function read(file: string): unknown {
  return JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
}

const argumentFiles = readdirSync(folder)
  .filter((file) => /^(vllm|sglang)-\d[\w.]*\.json$/.test(file))
  .sort();
const envFiles = ['sglang-env.json', 'vllm-ascend-env.json', 'vllm-env.json'];

function argumentsOf(file: string): readonly EngineArgument[] {
  return read(file) as readonly EngineArgument[];
}

function flagsOf(engine: string, release: string): readonly string[] {
  return argumentsOf(`${engine}-${release}.json`).flatMap(({ flags }) => flags);
}

function find(engine: string, release: string, flag: string): EngineArgument | undefined {
  return argumentsOf(`${engine}-${release}.json`).find(({ flags }) => flags.includes(flag));
}

function envOf(engine: string): Readonly<Record<string, readonly string[]>> {
  return read(`${engine}-env.json`) as Readonly<Record<string, readonly string[]>>;
}

type Registries = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

function registriesOf(engine: string): Registries {
  const all = read('registries.json') as Readonly<Record<string, Registries>>;
  const found = all[engine];
  if (found === undefined) throw new Error(`registries.json has no ${engine}`);
  return found;
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function expectSortedAndUnique(names: readonly string[]): void {
  expect(names).toEqual([...new Set(names)].sort(byCodeUnit));
}

describe('the arguments of an engine release', () => {
  test('cover the releases that the catalog serves and those of its Ascend builds', () => {
    expect(argumentFiles).toEqual([
      'sglang-0.5.12.json',
      'sglang-0.5.16.json',
      'sglang-0.5.23.json',
      'vllm-0.18.1.json',
      'vllm-0.23.0.json',
      'vllm-0.25.1.json',
      'vllm-0.33.0.json',
    ]);
  });

  test.each(argumentFiles)('%s is sorted by first flag and names no flag twice', (file) => {
    const rows = argumentsOf(file);
    expectSortedAndUnique(rows.map(({ flags: [first = ''] }) => first));
    const flags = rows.flatMap((row) => row.flags);
    expect(new Set(flags).size).toBe(flags.length);
    expect(flags.filter((flag) => !/^--?[a-zA-Z]/.test(flag))).toEqual([]);
  });

  test.each(argumentFiles)('%s gives every flag a kind of value that it can take', (file) => {
    for (const row of argumentsOf(file)) {
      const { flags, type, takes, choices, ...rest } = row;
      expect(['none', 'one', 'many'], flags.join()).toContain(takes);
      expect(type === null || type.length > 0, flags.join()).toBe(true);
      if (takes === 'none') expect(choices, flags.join()).toBeUndefined();
      if (choices !== undefined) expect(choices.length, flags.join()).toBeGreaterThan(0);
      const optional = ['deprecated', 'default', 'valueOptional', 'repeatable'];
      const others = Object.keys(rest).filter((key) => !optional.includes(key));
      expect(others, flags.join()).toEqual([]);
    }
  });

  test.each(argumentFiles)('%s holds one argument a line, so that a release diff reads', (file) => {
    const lines = readFileSync(new URL(file, folder), 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(argumentsOf(file).length + 2);
  });

  test('vLLM renamed its negated switches between 0.25.1 and 0.33.0', () => {
    expect(flagsOf('vllm', '0.25.1')).toContain('--no-enable-prefix-caching');
    expect(flagsOf('vllm', '0.25.1')).not.toContain('--disable-prefix-caching');
    expect(flagsOf('vllm', '0.33.0')).toContain('--disable-prefix-caching');
    expect(flagsOf('vllm', '0.33.0')).not.toContain('--no-enable-prefix-caching');
  });

  test('vLLM raised its memory fraction from 0.90 to 0.92', () => {
    const fractions = ['0.18.1', '0.23.0', '0.25.1', '0.33.0'].map((release) =>
      find('vllm', release, '--gpu-memory-utilization'),
    );
    expect(fractions.map((row) => row && 'default' in row && row.default)).toEqual([
      0.9, 0.92, 0.92, 0.92,
    ]);
  });

  test('SGLang 0.5.23 took the nsa spellings away and keeps the dsa ones', () => {
    expect(flagsOf('sglang', '0.5.16')).toContain('--nsa-prefill-backend');
    expect(flagsOf('sglang', '0.5.23')).not.toContain('--nsa-prefill-backend');
    expect(flagsOf('sglang', '0.5.23')).toContain('--dsa-prefill-backend');
  });

  test('SGLang 0.5.23 deprecates its DP attention switch and not the one that replaced another', () => {
    expect(find('sglang', '0.5.23', '--enable-dp-attention')?.deprecated).toBe(true);
    expect(find('sglang', '0.5.23', '--grpc-mode')?.deprecated).toBe(true);
    expect(find('sglang', '0.5.23', '--smg-grpc-mode')?.deprecated).toBeUndefined();
  });

  test('SGLang refuses a parser name of vLLM', () => {
    const choices = find('sglang', '0.5.23', '--tool-call-parser')?.choices;
    expect(choices).toContain('deepseekv32');
    expect(choices).not.toContain('deepseek_v32');
  });
});

describe('the environment variables of an engine release', () => {
  test.each(envFiles)('%s is sorted and names no variable twice', (file) => {
    for (const names of Object.values(read(file) as Record<string, readonly string[]>)) {
      expectSortedAndUnique(names);
      expect(names.filter((name) => !/^[A-Za-z_]\w*$/.test(name))).toEqual([]);
    }
  });

  test('cover every release that has arguments', () => {
    for (const engine of ['vllm', 'sglang']) {
      const releases = Object.keys(envOf(engine)).map((release) => `${engine}-${release}.json`);
      expect(releases).toEqual(argumentFiles.filter((file) => file.startsWith(engine)));
    }
  });

  test('name the ready time-out of vLLM and the variables that a release dropped', () => {
    for (const names of Object.values(envOf('vllm'))) {
      expect(names).toContain('VLLM_ENGINE_READY_TIMEOUT_S');
      expect(names).toContain('VLLM_HOST_IP');
    }
    expect(envOf('vllm')['0.18.1']).toContain('VLLM_MOE_DP_CHUNK_SIZE');
    expect(envOf('vllm')['0.23.0']).not.toContain('VLLM_MOE_DP_CHUNK_SIZE');
  });

  test('include what SGLang reads past its own list', () => {
    for (const names of Object.values(envOf('sglang'))) expect(names).toContain('SGLANG_HOST_IP');
  });
});

describe('the registries of an engine release', () => {
  test('have the keys of vllm-ascend that a helper reads from the scheduler or from the top', () => {
    const keys = registriesOf('vllm-ascend')['0.25.1rc1']?.['additionalConfigKeys'];
    expect(keys).toContain('scheduler_config');
    expect(keys).toContain('recompute_scheduler_enable');
  });

  test('have the same keys for a post release of vllm-ascend, which mends and adds nothing', () => {
    const releases = registriesOf('vllm-ascend');
    expect(releases['0.23.0.post1']).toEqual(releases['0.23.0']);
  });

  test.each(['vllm', 'sglang', 'vllm-ascend'])('%s has sorted names without a double', (engine) => {
    for (const registries of Object.values(registriesOf(engine))) {
      for (const names of Object.values(registries)) {
        expect(names.length).toBeGreaterThan(0);
        expectSortedAndUnique(names);
      }
    }
  });

  test('every vLLM release parses V3.2 by the names with underscores', () => {
    for (const registries of Object.values(registriesOf('vllm'))) {
      expect(registries['reasoningParsers']).toContain('deepseek_v3');
      expect(registries['toolParsers']).toContain('deepseek_v32');
      expect(registries['kvConnectors']).toContain('NixlConnector');
      expect(registries['all2allBackends']).toContain('deepep_low_latency');
    }
  });

  test('every SGLang release parses V3.2 by its own names', () => {
    for (const registries of Object.values(registriesOf('sglang'))) {
      expect(registries['reasoningParsers']).toContain('deepseek-v3');
      expect(registries['toolParsers']).toContain('deepseekv32');
      expect(registries['all2allBackends']).toContain('deepep');
    }
  });
});
