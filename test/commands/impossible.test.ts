import { describe, expect, test } from 'vitest';
import type { Layout } from '../../src/layout/index.ts';
import { FakeFiles, run } from './fake-context.ts';
import { cut, type SpecText, specText } from './spec-texts.ts';

interface Case extends Omit<SpecText, 'group'> {
  readonly why: string;
  readonly code: string;
  /** Part of the message, with the value that is wrong. */
  readonly says: string;
  /** Part of the hint: what works. */
  readonly hint: string;
  readonly group: Readonly<Record<string, unknown>>;
}

const vllm = { engine: 'vllm', release: '0.33.0' };
const sglang = { engine: 'sglang', release: '0.5.23' };
const ascend = { engine: 'vllm-ascend', release: '0.23.0', context: 8192 };
const w8a8 = 'vllm-ascend/DeepSeek-V3.2-W8A8';

/** Parallel degrees with experts spread. */
const spread = (tensor: number, data: number, pipeline = 1) => ({
  ...cut(tensor, data, pipeline),
  expert: true,
});

const nearest = (layout: string) => `nearest layout that works is ${layout}`;

const cases: readonly Case[] = [
  {
    why: 'TP 3',
    code: 'VLLM_HEADS_NOT_DIVISIBLE',
    says: 'tensor 3',
    hint: nearest('TP8'),
    group: { ...vllm, parallelism: cut(3) },
  },
  {
    why: 'TP 3, which SGLang itself accepts',
    code: 'SGLANG_HEADS_NOT_DIVISIBLE',
    says: 'tensor 3',
    hint: nearest('TP8'),
    group: { ...sglang, parallelism: cut(3) },
  },
  {
    why: 'TP16 on one node',
    code: 'LAYOUT_DEVICES_EXCEED_NODE',
    says: 'needs 16 devices on 1 node',
    hint: nearest('TP8'),
    group: { ...vllm, parallelism: cut(16) },
  },
  {
    why: 'TP16 on one node, which SGLang itself accepts',
    code: 'LAYOUT_DEVICES_EXCEED_NODE',
    says: 'needs 16 devices on 1 node',
    hint: nearest('TP8'),
    group: { ...sglang, parallelism: cut(16) },
  },
  {
    why: 'a pipeline with MTP',
    code: 'VLLM_MTP_WITH_PIPELINE',
    says: 'mtpTokens 1 with pipeline 2',
    hint: nearest('TP16'),
    nodes: 2,
    group: { ...vllm, parallelism: cut(8, 1, 2), mtpTokens: 1 },
  },
  {
    why: 'a pipeline with MTP on SGLang',
    code: 'SGLANG_MTP_WITH_PIPELINE',
    says: 'mtpTokens 1 with pipeline 2',
    hint: nearest('TP8 x DP2'),
    nodes: 2,
    group: { ...sglang, parallelism: cut(8, 1, 2), mtpTokens: 1 },
  },
  {
    why: 'BF16 weights on one A3',
    code: 'LAYOUT_DOES_NOT_FIT',
    says: 'weights need ',
    hint: 'on 2 of them TP16 x DP2 + EP32 does',
    model: 'Modelers_Park/DeepSeek-V3.2-Exp-BF16',
    accelerator: 'ascend-a3',
    group: ascend,
  },
  {
    why: 'W8A8 weights on one A2',
    code: 'LAYOUT_DOES_NOT_FIT',
    says: 'weights need ',
    hint: 'on 2 of them TP8 x DP2 + EP16 does',
    model: w8a8,
    accelerator: 'ascend-a2',
    group: ascend,
  },
  {
    why: 'FP8 weights on one node of H100',
    code: 'LAYOUT_DOES_NOT_FIT',
    says: 'weights need ',
    hint: 'on 2 of them TP4 x DP4 + EP16 does',
    accelerator: 'h100',
    group: vllm,
  },
  {
    why: 'FP8 weights on Ascend',
    code: 'LAYOUT_WEIGHT_FORMAT_UNSUPPORTED',
    says: 'fp8-block128',
    hint: w8a8,
    accelerator: 'ascend-a3',
    group: ascend,
  },
  {
    why: 'an FP8 cache on Ascend',
    code: 'ASCEND_KV_CACHE',
    says: 'kvCache: fp8',
    hint: 'kvCache: bf16',
    model: w8a8,
    accelerator: 'ascend-a3',
    group: { ...ascend, kvCache: 'fp8' },
  },
  {
    why: 'MXFP4 weights on NVIDIA',
    code: 'LAYOUT_WEIGHT_FORMAT_UNSUPPORTED',
    says: 'mxfp4',
    hint: 'MI350X or MI355X',
    model: 'amd/DeepSeek-V3.2-mxfp4',
    group: sglang,
  },
  {
    why: 'experts over 7 ranks',
    code: 'VLLM_EXPERTS_NOT_DIVISIBLE',
    says: '256 experts do not divide over 7',
    hint: nearest('TP2 x DP4 + EP8'),
    group: { ...vllm, parallelism: spread(1, 7) },
  },
  {
    why: 'experts over 7 ranks on SGLang',
    code: 'SGLANG_EXPERTS_NOT_DIVISIBLE',
    says: '256 experts do not divide over 7',
    hint: nearest('TP1 x DP8 + EP8'),
    group: { ...sglang, parallelism: spread(1, 7) },
  },
  {
    why: 'data ranks that do not divide over the nodes',
    code: 'VLLM_DATA_NOT_DIVISIBLE',
    says: 'data 3 does not divide over 2 nodes',
    hint: nearest('TP2 x DP8 + EP16'),
    nodes: 2,
    group: { ...vllm, parallelism: spread(2, 3) },
  },
  {
    why: 'nodes over which no layout divides',
    code: 'LAYOUT_DEVICES_NOT_DIVISIBLE',
    says: 'does not divide over 3 nodes',
    hint: 'on 2 of them TP1 x DP16 + EP16 does',
    nodes: 3,
    group: { ...vllm, parallelism: spread(1, 16) },
  },
  {
    why: 'ranks that span nodes beside others',
    code: 'VLLM_RANK_SPANS_NODES',
    says: 'tensor x pipeline 16 is more than the 8 devices',
    hint: nearest('TP8 x DP4 + EP32'),
    nodes: 4,
    group: { ...vllm, parallelism: spread(16, 2) },
  },
  {
    why: 'FP8 blocks cut apart',
    code: 'VLLM_FP8_BLOCK',
    says: 'tensor x data 32',
    hint: 'expert: true',
    nodes: 4,
    group: { ...vllm, parallelism: cut(1, 32) },
  },
  {
    why: 'a release without the flag',
    code: 'VLLM_LOAD_BALANCING_RELEASE',
    says: 'vLLM 0.18.1 has no --data-parallel-multi-port-external-lb',
    hint: 'release 0.23.0',
    nodes: 2,
    group: { ...vllm, release: '0.18.1', parallelism: spread(1, 16), loadBalancing: 'multi-port' },
  },
  {
    why: 'a context over the model',
    code: 'LAYOUT_CONTEXT_TOO_LONG',
    says: "context 163841 is more than the model's 163840",
    hint: `With context: 163840 the ${nearest('TP2 x DP4 + EP8')}`,
    group: { ...vllm, parallelism: spread(1, 8), context: 163_841 },
  },
  {
    why: 'redundant experts that do not divide',
    code: 'VLLM_EXPERTS_NOT_DIVISIBLE',
    says: '256 + 10 redundant experts',
    hint: `With redundantExperts: 0 the ${nearest('TP1 x DP16 + EP16')}`,
    nodes: 2,
    group: { ...vllm, parallelism: spread(1, 16), redundantExperts: 10 },
  },
  {
    why: 'redundant experts without experts spread',
    code: 'VLLM_EPLB_WITHOUT_EXPERTS',
    says: 'redundantExperts 32',
    hint: nearest('TP4 x DP2 + EP8'),
    group: { ...vllm, parallelism: cut(8), redundantExperts: 32 },
  },
  {
    why: 'MTP of a model without the module',
    code: 'VLLM_MTP_MISSING',
    says: 'mtpTokens 1',
    hint: 'With mtpTokens: 0',
    model: 'moonshotai/Kimi-K2-Instruct',
    nodes: 2,
    group: { ...vllm, mtpTokens: 1, context: 8192 },
  },
  {
    why: 'hybrid balancing on one node',
    code: 'VLLM_LOAD_BALANCING_RANKS',
    says: 'loadBalancing: hybrid with 8 data ranks on 1 node',
    hint: `With loadBalancing: internal the ${nearest('TP2 x DP4 + EP8')}`,
    group: { ...vllm, parallelism: spread(1, 8), loadBalancing: 'hybrid' },
  },
  {
    why: 'an engine of other devices',
    code: 'LAYOUT_ENGINE_UNSUPPORTED',
    says: 'vllm does not run on Huawei',
    hint: 'engine: vllm-ascend',
    model: w8a8,
    accelerator: 'ascend-a3',
    group: vllm,
  },
  {
    why: 'a release without an image for the device',
    code: 'LAYOUT_IMAGE_UNKNOWN',
    says: 'sglang 0.5.23 is known for AMD Instinct MI355X',
    hint: 'groups[].image',
    accelerator: 'mi355x',
    group: sglang,
  },
  {
    why: 'more than a node per rank on Ascend',
    code: 'ASCEND_RANK_SPANS_NODES',
    says: 'tensor x pipeline 32 is more than the 16 devices',
    hint: nearest('TP16 x DP2 + EP32'),
    model: w8a8,
    accelerator: 'ascend-a3',
    nodes: 2,
    group: { ...ascend, parallelism: cut(32) },
  },
  {
    why: 'decode context parallelism on Hopper',
    code: 'VLLM_DCP_UNSUPPORTED',
    says: 'decode context parallelism 2',
    hint: 'data parallelism multiplies the cache',
    group: { ...vllm, extraArgs: ['-dcp=2'] },
  },
  {
    why: 'overlap without a backend for it',
    code: 'VLLM_DBO_BACKEND',
    says: '--enable-dbo with allToAll: auto',
    hint: 'deepep_low_latency',
    group: { ...vllm, extraArgs: ['--enable-dbo'] },
  },
  {
    why: 'a removed flag',
    code: 'ENGINE_ARGUMENT_UNKNOWN',
    says: 'vllm 0.33.0: --no-enable-prefix-caching was removed; release 0.25.1 still has it',
    hint: 'Use --disable-prefix-caching',
    group: { ...vllm, extraArgs: ['--no-enable-prefix-caching'] },
  },
  {
    why: 'a flag cut short, which both engines accept',
    code: 'ENGINE_ARGUMENT_UNKNOWN',
    says: '--tensor-para is cut short',
    hint: 'Write --tensor-parallel-size',
    group: { ...vllm, extraArgs: ['--tensor-para=8'] },
  },
  {
    why: 'a readable number of the other engine',
    code: 'ENGINE_ARGUMENT_TYPE',
    says: '--safetensors-prefetch-block-size needs an integer',
    hint: '--help',
    group: { ...vllm, extraArgs: ['--safetensors-prefetch-block-size=16Mi'] },
  },
  {
    why: "the other engine's name of a parser",
    code: 'VLLM_NAME_UNKNOWN',
    says: 'no --tool-call-parser "deepseekv32"',
    hint: 'deepseek_v32',
    group: { ...vllm, extraArgs: ['--tool-call-parser=deepseekv32'] },
  },
  {
    why: 'a variable that is gone',
    code: 'ENGINE_ENV_REMOVED',
    says: 'VLLM_ATTENTION_BACKEND',
    hint: '--attention-backend',
    group: { ...vllm, extraEnv: { VLLM_ATTENTION_BACKEND: 'FLASHMLA' } },
  },
  {
    why: 'an engine that gives up before the probe',
    code: 'VLLM_READY_TIMEOUT_SHORT',
    says: 'VLLM_ENGINE_READY_TIMEOUT_S to 600',
    hint: '3000 or more',
    group: { ...vllm, extraEnv: { VLLM_ENGINE_READY_TIMEOUT_S: '600' } },
  },
  {
    why: 'a backend that needs RDMA on TCP',
    code: 'VLLM_ALL2ALL_WITHOUT_RDMA',
    says: 'deepep_low_latency',
    hint: 'allgather_reducescatter',
    nodes: 2,
    group: { ...vllm, parallelism: spread(1, 16), allToAll: 'deepep_low_latency' },
  },
];

function withSpec(text: string) {
  return { files: new FakeFiles({ 'dsdeploy.yaml': text }) };
}

/** What the advice of a hint changes in the file; `undefined` where it names no layout. */
function advised(hint: string, text: SpecText): SpecText | undefined {
  const near = /(?:With (.+) the|The) nearest layout that works is ([^.]+)\./.exec(hint);
  const more = /on (\d+) of them (TP.+) does\./.exec(hint);
  const layout = near?.[2] ?? more?.[2];
  if (layout === undefined) return undefined;
  const settings = (near?.[1]?.split(' and ') ?? []).map((setting) => {
    const [key = '', value = ''] = setting.split(': ');
    return [key, /^\d+$/.test(value) ? Number(value) : value];
  });
  const degree = (name: string) => Number(new RegExp(`${name}(\\d+)`).exec(layout)?.[1] ?? 1);
  const parallelism = {
    ...cut(degree('TP'), degree('DP'), degree('PP')),
    expert: layout.includes('EP'),
  };
  const group = { ...text.group, ...Object.fromEntries(settings), parallelism };
  return { ...text, ...(more ? { nodes: Number(more[1]) } : {}), group };
}

describe('plan refuses before it contacts anything', () => {
  test.each(cases)('$why with $code', async ({ code, says, hint, ...text }) => {
    const group = { parallelism: 'auto', ...text.group };
    const result = await run('plan -o json', withSpec(specText({ ...text, group })));
    expect({ code: result.code, opened: result.opened }).toEqual({ code: 4, opened: [] });
    const [refused] = (JSON.parse(result.stdout) as Pick<Layout, 'groups'>).groups;
    const reasons = refused?.kind === 'refused' ? refused.reasons : [];
    const reason = reasons.find((other) => other.code === code);
    expect(reason?.message).toContain(says);
    expect(reason?.hint).toContain(hint);
    expect(reason?.source).not.toBe('');

    const better = advised(reason?.hint ?? '', { ...text, group });
    if (better === undefined) return;
    const second = await run('plan --offline -o json', withSpec(specText(better)));
    expect({ code: second.code, told: second.stdout.slice(0, 2000) }).toMatchObject({ code: 0 });
  });

  test('a file that needs more nodes than the pool has, where it says so', async () => {
    const text = specText({
      nodes: 2,
      group: { ...vllm, parallelism: spread(1, 16), replicas: 2 },
    });
    const { code, opened, stderr } = await run('plan', withSpec(text));
    expect({ code, opened }).toEqual({ code: 4, opened: [] });
    expect(stderr).toContain('Pool "lab" has 2 nodes and its groups need 4');
    expect(stderr).toContain('Raise pools.lab.nodes to 4');
  });
});
