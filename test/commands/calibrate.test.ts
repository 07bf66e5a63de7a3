import { describe, expect, test } from 'vitest';
import type { CalibrateResult } from '../../src/actions/calibrate/index.ts';
import { FakeFiles, run } from './fake-context.ts';
import { cut, specText } from './spec-texts.ts';

const spec = specText({
  group: {
    engine: 'vllm',
    release: '0.33.0',
    parallelism: cut(8),
    context: 163_840,
    kvCache: 'fp8',
    maxBatchedTokens: 32_768,
    memoryUtilization: 0.85,
  },
});

const log = `
INFO [gpu_model_runner.py:2602] Model loading took 80.7773 GiB memory and 312.4 seconds
INFO [gpu_worker.py:298] Available KV cache memory: 30.52 GiB
INFO [kv_cache_utils.py:1087] GPU KV cache size: 681,728 tokens
`;

function benchRun(concurrency: number, tpotMs: number) {
  return {
    completed: 64,
    max_concurrency: concurrency,
    total_input_tokens: 65_536,
    total_output_tokens: 65_536,
    median_ttft_ms: 250 + 4 * concurrency,
    median_tpot_ms: tpotMs,
    output_throughput: 1000,
  };
}

const sweep = [benchRun(4, 12), benchRun(16, 19), benchRun(32, 26), benchRun(64, 37)];

function filesWith(texts: Readonly<Record<string, string>>): FakeFiles {
  return new FakeFiles({ 'dsdeploy.yaml': spec, ...texts });
}

describe('calibrate --from-logs', () => {
  test('makes fit predict the tokens of the log, and name the profile', async () => {
    const files = filesWith({ 'logs/pod-0.log': log });
    const result = await run('calibrate --from-logs logs --profile lab.json -o json', { files });
    expect(result.code).toBe(0);
    const { comparisons }: CalibrateResult = JSON.parse(result.stdout);
    const tokens = comparisons.find(({ quantity }) => quantity === 'kv-tokens');
    expect(tokens?.observed).toBe(681_728);
    expect(Math.abs((tokens?.after ?? 0) / 681_728 - 1)).toBeLessThan(0.001);
    const fit = await run('fit --profile lab.json', { files });
    expect(fit.stdout).toContain('GPU KV cache size: 681,728 tokens');
    expect(fit.stdout).toContain('the profile lab');
  });

  test('does not use the overhead of a start with other settings', async () => {
    const files = filesWith({ 'logs/pod-0.log': log });
    await run('calibrate --from-logs logs --profile lab.json', { files });
    files.texts.set('dsdeploy.yaml', spec.replace('32768', '8192'));
    const { stdout } = await run('fit --profile lab.json', { files });
    expect(stdout).toContain('measured  weights: weights');
    expect(stdout).not.toContain('all but weights and cache');
  });
});

describe('calibrate --from-bench', () => {
  test.each([
    { form: 'a JSON list', text: JSON.stringify(sweep) },
    { form: 'JSON lines', text: sweep.map((one) => JSON.stringify(one)).join('\n') },
    {
      form: "lines with Python's Infinity and NaN, as SGLang writes them",
      text: sweep
        .map((one) => JSON.stringify(one).replace('{', '{"request_rate": Infinity, "x": [NaN], '))
        .join('\n'),
    },
  ])('reads $form and brings the estimate to what was seen', async ({ text }) => {
    const files = filesWith({ 'bench.json': text });
    const result = await run('calibrate --from-bench bench.json --profile lab.json -o json', {
      files,
    });
    const { comparisons }: CalibrateResult = JSON.parse(result.stdout);
    const tpot = comparisons.filter(({ quantity }) => quantity === 'tpot');
    expect(tpot).toHaveLength(4);
    for (const { observed, after } of tpot) {
      expect(Math.abs(after / observed - 1)).toBeLessThan(0.08);
    }
    const { stdout } = await run('estimate --profile lab.json --concurrency 16', { files });
    expect(stdout).toContain('interpolated: benchmark bench.json');
  });

  test('keeps what the profile holds of logs, and replaces the same benchmark', async () => {
    const files = filesWith({ 'logs/a.log': log, 'bench.json': JSON.stringify(sweep) });
    await run('calibrate --from-logs logs --profile lab.json', { files });
    await run('calibrate --from-bench bench.json --profile lab.json', { files });
    await run('calibrate --from-bench bench.json --profile lab.json', { files });
    const profile: { memory: unknown[]; time: unknown[] } = JSON.parse(
      await files.readText('lab.json'),
    );
    expect([profile.memory.length, profile.time.length]).toEqual([1, 1]);
  });
});

describe('calibrate refuses', () => {
  test.each(['\u0000\u0001PK\ufffd', '', 'GET /health 200'])('%j as not JSON', async (text) => {
    const { stderr } = await run('calibrate --from-bench b.json', {
      files: filesWith({ 'b.json': text }),
    });
    expect(stderr).toContain('"b.json" is not JSON');
  });

  test.each([
    { why: 'nothing to learn from', line: '', code: 'USAGE' },
    { why: 'two sources', line: '--from-logs logs --from-bench b.json', code: 'USAGE' },
    { why: 'a folder that is not there', line: '--from-logs none', code: 'FILE_UNREADABLE' },
    { why: 'a log of something else', line: '--from-logs other', code: 'LOG_INVALID' },
    { why: 'a log of another context', line: '--from-logs longer', code: 'LOG_INVALID' },
    { why: 'a log that was cut off', line: '--from-logs short', code: 'LOG_INVALID' },
    {
      why: 'a benchmark of something else',
      line: '--from-bench b.json',
      code: 'BENCHMARK_INVALID',
    },
    { why: 'text for a benchmark', line: '--from-bench other/x.log', code: 'BENCHMARK_INVALID' },
    { why: 'a binary file for a benchmark', line: '--from-bench x.bin', code: 'BENCHMARK_INVALID' },
    { why: 'an empty file for a benchmark', line: '--from-bench empty', code: 'BENCHMARK_INVALID' },
    { why: 'an open rate', line: '--from-bench open.json', code: 'BENCHMARK_INVALID' },
    { why: 'an unknown group', line: '--from-logs logs --group other', code: 'GROUP_UNKNOWN' },
    {
      why: 'a profile that is something else',
      line: '--from-logs logs --profile b.json',
      code: 'PROFILE_INVALID',
    },
  ])('$why: $code, and writes nothing', async ({ line, code }) => {
    const files = filesWith({
      'logs/pod.log': log,
      'other/x.log': 'GET /health 200\n',
      'longer/x.log': `${log}Maximum concurrency for 131,072 tokens per request: 5.2x\n`,
      'short/x.log': 'Model loading took 80.7773 GiB memory\n',
      'b.json': '{}',
      'x.bin': '\u0000\u0001PK\ufffd',
      empty: '',
      'open.json': JSON.stringify({ ...benchRun(4, 12), max_concurrency: null }),
    });
    const before = [...files.texts];
    const result = await run(`calibrate ${line}`, { files });
    expect(result.stderr).toContain(`error ${code}: `);
    expect([...files.texts]).toEqual(before);
  });
});
