import { describe, expect, test } from 'vitest';
import { type EngineId, engineReleases, findRelease } from '../../src/catalog/index.ts';
import { checkArguments } from '../../src/engines/argument-check.ts';
import { checkExtraArgs, extraArgNotes, joinArguments } from '../../src/engines/extra-args.ts';
import { planLayout } from '../../src/layout/index.ts';
import { aGroup, aSpec } from '../fixtures/a-spec.ts';

function release(engine: EngineId, version: string) {
  const row = findRelease(engine, version);
  if (row === undefined) throw new Error(`no ${engine} ${version}`);
  return row;
}

const vllm = release('vllm', '0.33.0');
const sglang = release('sglang', '0.5.23');

describe('a value is what the parser of the release takes', () => {
  test.each([
    { arg: '--max-num-batched-tokens=8k', code: undefined },
    { arg: '--max-num-batched-tokens=8K', code: undefined },
    { arg: '--max-num-batched-tokens=1.5M', code: 'TYPE' },
    { arg: '--max-num-batched-tokens=1.5m', code: undefined },
    { arg: '--max-num-batched-tokens=8Ki', code: 'TYPE' },
    { arg: '--max-num-batched-tokens=auto', code: 'TYPE' },
    { arg: '--max-model-len=auto', code: undefined },
    { arg: '--max-model-len=-1', code: undefined },
    { arg: '--max-model-len=128 k', code: 'TYPE' },
    { arg: '--max-num-seqs=1_000', code: undefined },
    { arg: '--max-num-seqs=1e3', code: 'TYPE' },
    { arg: '--gpu-memory-utilization=.9', code: undefined },
    { arg: '--gpu-memory-utilization=90%', code: 'TYPE' },
    { arg: '--compilation-config={"mode":3}', code: undefined },
    { arg: '--compilation-config=3', code: 'JSON' },
    { arg: '--compilation-config={mode:3}', code: 'JSON' },
    { arg: '--override-generation-config=none', code: 'JSON' },
    { arg: '--default-chat-template-kwargs={}', code: undefined },
    { arg: '--hf-overrides=my_module.fn', code: undefined },
    { arg: '--hf-overrides={"a":}', code: 'JSON' },
    { arg: '--kv-transfer-config={"kv_connector"}', code: 'JSON' },
    { arg: '--moe-backend=deep-gemm', code: undefined },
    { arg: '--moe-backend=DEEP_GEMM', code: undefined },
    { arg: '--moe-backend=fastest', code: 'CHOICE' },
    { arg: '--kernel-config.moe_backend=deep_gemm', code: undefined },
    { arg: '--max-num-seqs.x=1', code: 'KEYED' },
    { arg: '--hf-token', code: undefined },
    { arg: '--seed', code: 'NEEDS_VALUE' },
    { arg: '--enforce-eager=true', code: 'TAKES_NO_VALUE' },
  ])('vLLM 0.33.0 $arg: $code', ({ arg, code }) => {
    const codes = checkArguments([arg], vllm).map((reason) => reason.code);
    expect(codes).toEqual(code === undefined ? [] : [`ENGINE_ARGUMENT_${code}`]);
  });

  test.each([
    { arg: '--max-total-tokens=8k', code: undefined },
    { arg: '--max-total-tokens=8Ki', code: undefined },
    { arg: '--max-total-tokens=1.5M', code: undefined },
    { arg: '--max-total-tokens=1.5Mi', code: 'TYPE' },
    { arg: '--max-total-tokens=8K', code: 'TYPE' },
    { arg: '--preferred-sampling-params={"top_p":1}', code: undefined },
    { arg: '--preferred-sampling-params=top_p', code: 'JSON' },
    { arg: '--forward-hooks=[]', code: undefined },
    { arg: '--forward-hooks=[', code: 'JSON' },
    { arg: '--cuda-graph-config=[]', code: 'JSON' },
    { arg: '--cuda-graph-config={"decode":{"backend":"full"}}', code: undefined },
    { arg: '--cuda-graph-backend-decode=tc_piecewise', code: 'CHOICE' },
    { arg: '--page-size=sixty', code: 'TYPE' },
    { arg: '--schedule-conservativeness=0.5', code: undefined },
    { arg: '--deepep-config.x=1', code: 'KEYED' },
    { arg: '--model-checksum', code: undefined },
  ])('SGLang 0.5.23 $arg: $code', ({ arg, code }) => {
    const codes = checkArguments([arg], sglang).map((reason) => reason.code);
    expect(codes).toEqual(code === undefined ? [] : [`ENGINE_ARGUMENT_${code}`]);
  });

  test('one value is not two', () => {
    expect(checkArguments(['--seed', '1', '2'], vllm)).toMatchObject([
      { code: 'ENGINE_ARGUMENT_TOO_MANY_VALUES', message: /"1", and is followed by "2"/ },
    ]);
    expect(checkArguments(['--cudagraph-capture-sizes', '1', '2'], vllm)).toEqual([]);
  });

  test.each(engineReleases)('$engine $version: every default passes its own type', (row) => {
    for (const { flags, takes, ...argument } of row.arguments) {
      const { default: value } = argument as { readonly default?: string | number | boolean };
      if (takes === 'none' || argument.deprecated || value === undefined || value === '') continue;
      expect(checkArguments([`${flags[0] ?? ''}=${String(value)}`], row), flags[0]).toEqual([]);
    }
  });
});

describe('a flag of the user beside those of dsdeploy', () => {
  const owned = { '--seed': 'groups[].seed', '--uds': 'nothing: pods speak HTTP' };

  test.each([
    { args: ['--seed=1'], code: 'OWNED', hint: 'it is set by groups[].seed' },
    { args: ['--uds=/x'], code: 'OWNED', hint: 'Remove it: pods speak HTTP.' },
    { args: ['--max-num-seqs=1', '--max-num-seqs', '2'], code: 'TWICE', hint: 'take the last' },
    { args: ['-tp=2', '--tensor-parallel-size=2'], code: 'TWICE', hint: 'Keep one' },
    { args: ['--kernel-config={}', '--kernel-config.a=1'], code: 'TWICE', hint: 'Keep one' },
    { args: ['model', '--enforce-eager'], code: 'POSITIONAL', hint: 'Start with a flag' },
    { args: ['-1'], code: 'POSITIONAL', hint: 'Start with a flag' },
    { args: ['--=3'], code: 'UNKNOWN', hint: 'nearest name' },
    { args: ['--max-num-seqs', '1', '--'], code: 'UNKNOWN', hint: 'nearest name' },
    { args: ['--max_num_seqs=1'], code: 'UNKNOWN', hint: 'Use --max-num-seqs.' },
  ])('$args is refused as $code', ({ args, code, hint }) => {
    const [reason, ...others] = checkExtraArgs(args, vllm, owned);
    expect(reason?.code).toBe(`ENGINE_ARGUMENT_${code}`);
    expect(reason?.hint).toContain(hint);
    expect(others).toEqual([]);
  });

  test.each([
    { args: ['--kernel-config.a=1', '--kernel-config.b=2'] },
    { args: ['--middleware=a.b', '--middleware=c.d'] },
  ])('$args is two values of one option', ({ args }) => {
    expect(checkExtraArgs(args, vllm, {})).toEqual([]);
  });

  test('its value is the only one on the command line, whichever spelling it uses', () => {
    const generated = [
      '/models/x',
      '--enable-prefix-caching',
      '--seed',
      '1',
      '--max-num-seqs',
      '4',
    ];
    expect(joinArguments(generated, ['--disable-prefix-caching', '--seed=2'], vllm)).toEqual([
      '/models/x',
      '--max-num-seqs',
      '4',
      '--disable-prefix-caching',
      '--seed=2',
    ]);
  });

  test('the plan says what it replaces', () => {
    const [group] = planLayout(
      aSpec({ groups: [aGroup({ extraArgs: ['--tool-call-parser=hermes'] })] }),
    ).groups;
    if (group?.kind !== 'placed') throw new Error(JSON.stringify(group));
    expect(group.notes).toContainEqual({
      code: 'EXTRA_ARG_REPLACES',
      level: 'warning',
      message: 'extraArgs replaces --tool-call-parser deepseek_v32, which dsdeploy chose',
    });
    expect(group.workloads[0]?.args.filter((arg) => arg.startsWith('--tool-call-parser'))).toEqual([
      '--tool-call-parser=hermes',
    ]);
  });

  test('the plan says what a release is about to drop', () => {
    const notes = extraArgNotes([], ['--disable-cuda-graph'], sglang);
    expect(notes.map(({ code }) => code)).toEqual(['EXTRA_ARG_DEPRECATED']);
  });
});
