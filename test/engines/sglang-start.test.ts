import { describe, expect, test } from 'vitest';
import { sglang } from '../../src/engines/sglang/index.ts';
import { formatParallelism } from '../../src/layout/index.ts';
import {
  a3,
  argsOf,
  codesOf,
  degrees,
  mi355x,
  placed,
  type SglangCase,
  valueOf,
  variablesOf,
  w8a8,
} from './sglang-fixtures.ts';

const onAmd = { pool: mi355x, group: { release: '0.5.12' } };

describe('probes', () => {
  test('of the leader wait longer than the health check itself may take', () => {
    const layout = placed();
    const own = Number(variablesOf(layout)['SGLANG_HEALTH_CHECK_TIMEOUT']);
    for (const probe of Object.values(layout.workloads[0]?.probes ?? {})) {
      expect(probe.path).toBe('/health');
      expect(probe.timeoutSeconds).toBeGreaterThan(own);
    }
    expect(own).toBeGreaterThan(20);
  });

  test('follow a health time-out of the user', () => {
    const extraEnv = { SGLANG_HEALTH_CHECK_TIMEOUT: '600' };
    const { probes } = placed({ group: { extraEnv } }).workloads[0] ?? {};
    expect(probes?.liveness.timeoutSeconds).toBe(605);
  });

  test('allow the whole start-up budget, as do the ranks that wait for each other', () => {
    const layout = placed({ group: { nodes: 2 } });
    const { startup } = layout.workloads[0]?.probes ?? {};
    const allowed = (startup?.periodSeconds ?? 0) * (startup?.failureThreshold ?? 0);
    expect(allowed).toBeGreaterThanOrEqual(layout.startup.budgetSeconds);
    expect(valueOf(argsOf(layout, 'worker'), '--dist-timeout')).toBe(
      String(layout.startup.budgetSeconds),
    );
  });

  test('are not on workers, whose stand-in server is always healthy', () => {
    const worker = placed({ group: { nodes: 2 } }).workloads[1];
    expect(worker).toMatchObject({ role: 'worker', ports: [], apiPorts: [] });
    expect(worker?.probes).toBeUndefined();
  });
});

describe('shutdown', () => {
  test('of workers starts when the drain of the leader is over', () => {
    const [leader, worker] = placed({ group: { nodes: 2 } }).workloads;
    expect(leader?.shutdown).toEqual({ preStopSeconds: 15, graceSeconds: 165 });
    expect(worker?.shutdown).toEqual({ preStopSeconds: 135, graceSeconds: 165 });
  });
});

describe('memory', () => {
  test.each<{ name: string; row: SglangCase; fraction: string }>([
    { name: "SGLang's formula at TP8 on H200", row: {}, fraction: '0.886' },
    {
      name: "SGLang's formula with DP8 attention",
      row: { group: { parallelism: degrees(1, 8, { expert: true }) } },
      fraction: '0.757',
    },
    { name: 'the tested value on ROCm', row: onAmd, fraction: '0.85' },
    {
      name: 'the tested value on ROCm with drafts',
      row: { ...onAmd, group: { ...onAmd.group, mtpTokens: 3 } },
      fraction: '0.7',
    },
    { name: "the user's value", row: { group: { memoryUtilization: 0.8 } }, fraction: '0.8' },
  ])('takes $name: $fraction', ({ row, fraction }) => {
    const layout = placed(row);
    expect(valueOf(argsOf(layout), '--mem-fraction-static')).toBe(fraction);
    expect(layout.memory.utilization).toBe(Number(fraction));
  });

  // What ServerArgs of 0.5.23 works out for these command lines without the flag, on 143,771 MiB.
  test.each<{ name: string; row: SglangCase; own: number }>([
    { name: 'TP8', row: {}, own: 0.886 },
    { name: 'TP16', row: { group: { nodes: 2 } }, own: 0.879 },
    {
      name: 'DP8 attention',
      row: { group: { parallelism: degrees(1, 8, { expert: true }) } },
      own: 0.758,
    },
    {
      name: 'DP2 attention for 128 requests a rank',
      row: {
        group: { nodes: 2, parallelism: degrees(8, 2), mtpTokens: 2, maxSequences: 128 },
      },
      own: 0.879,
    },
    {
      name: 'DP16 attention with DeepEP',
      row: {
        group: { nodes: 2, parallelism: degrees(1, 16, { expert: true }), allToAll: 'deepep' },
      },
      own: 0.82,
    },
  ])('is what SGLang itself would take at $name', ({ row, own }) => {
    expect(Math.abs(placed(row).memory.utilization - own)).toBeLessThanOrEqual(0.0011);
  });

  test('captures no graphs for more requests than a rank may run', () => {
    const batch = (row: SglangCase) =>
      valueOf(argsOf(placed(row)), '--cuda-graph-max-bs-decode') ?? 'own';
    expect(batch({})).toBe('own');
    expect(batch({ group: { maxSequences: 32 } })).toBe('32');
    expect(batch({ group: { maxSequences: 4096 } })).toBe('512');
  });

  test('counts the packed cell of Hopper and the plain one of ROCm for an FP8 cache', () => {
    const cell = (row: SglangCase) => placed(row).memory.kvStoredBytesPerToken / 61;
    expect(cell({ group: { kvCache: 'fp8' } })).toBe(656 + 132);
    expect(cell({ ...onAmd, group: { ...onAmd.group, kvCache: 'fp8' } })).toBe(576 + 132);
  });

  test('makes room for larger DeepEP buffers with more requests', () => {
    const deepep = (maxSequences: number) =>
      placed({
        group: {
          nodes: 2,
          parallelism: degrees(1, 16, { expert: true }),
          allToAll: 'deepep',
          mtpTokens: 1,
          maxSequences,
        },
      });
    expect(variablesOf(deepep(128), 'leader')).toMatchObject({
      SGLANG_DEEPEP_NUM_MAX_DISPATCH_TOKENS_PER_RANK: '256',
    });
    expect(deepep(128).memory.peakBytesPerRank).toBeGreaterThan(deepep(64).memory.peakBytesPerRank);
  });
});

describe('parallelism: auto', () => {
  test.each<{ name: string; row: SglangCase; layout: string }>([
    { name: 'one H200 node', row: {}, layout: 'TP1 x DP8 + EP8' },
    { name: 'two H200 nodes', row: { group: { nodes: 2 } }, layout: 'TP8 x DP2' },
    { name: 'one MI355X node', row: onAmd, layout: 'TP8' },
    {
      name: 'one A3',
      row: { pool: a3, model: w8a8, group: { release: '0.5.16', contextTokens: 16_384 } },
      layout: 'TP16',
    },
  ])('takes the layout with evidence on $name: $layout', ({ row, layout }) => {
    const group = placed({ ...row, group: { ...row.group, parallelism: 'auto' } });
    expect(formatParallelism(group.parallelism)).toBe(layout);
  });
});

describe('notes', () => {
  test.each<{ why: string; row: SglangCase; code: string }>([
    { why: 'the key is printed at start', row: {}, code: 'SGLANG_KEY_IN_LOG' },
    { why: 'sampling defaults come from a file', row: {}, code: 'SGLANG_SAMPLING_FROM_FILE' },
    {
      why: 'one of several names is listed',
      row: { api: { servedModelNames: ['a', 'b'] } },
      code: 'SGLANG_ONE_NAME_LISTED',
    },
    {
      why: 'thoughts end up in content',
      row: { group: { release: '0.5.12' }, api: { thinking: true } },
      code: 'SGLANG_THINKING_UNPARSED',
    },
    {
      why: 'Speciale has limits',
      row: { model: 'deepseek-ai/DeepSeek-V3.2-Speciale' },
      code: 'MODEL_WITHOUT_TOOLS',
    },
    {
      why: 'drafts limit the requests',
      row: { group: { mtpTokens: 1 } },
      code: 'SGLANG_MTP_REQUESTS',
    },
    {
      why: 'auto means collectives',
      row: { group: { nodes: 2, parallelism: degrees(1, 16, { expert: true }) } },
      code: 'SGLANG_ALL2ALL_DEFAULT',
    },
    ...['--deepep-mode=normal', '--deepep-mode normal'].map((args) => ({
      why: `${args} runs without graphs`,
      row: {
        group: {
          parallelism: degrees(1, 8, { expert: true }),
          allToAll: 'deepep',
          contextTokens: 65_536,
          extraArgs: args.split(' '),
        },
      },
      code: 'SGLANG_DEEPEP_NO_GRAPHS',
    })),
    {
      why: 'tensor ranks span nodes',
      row: { group: { nodes: 2 } },
      code: 'SGLANG_TENSOR_OVER_NODES',
    },
    { why: 'nightly tests run TP8 on ROCm', row: onAmd, code: 'SGLANG_ROCM_TESTED' },
    {
      why: 'they run no model of another architecture',
      row: { ...onAmd, model: 'deepseek-ai/DeepSeek-V3.1' },
      code: 'SGLANG_ROCM_LAYOUT',
    },
  ])('say that $why ($code)', ({ row, code }) => {
    expect(codesOf(placed(row).notes)).toContain(code);
  });

  test.each<{ why: string; row: SglangCase; code: string }>([
    {
      why: 'DP8 attention on ROCm',
      row: {
        pool: mi355x,
        group: { release: '0.5.12', parallelism: degrees(1, 8, { expert: true }) },
      },
      code: 'SGLANG_ROCM_DATA_ATTENTION',
    },
    {
      why: 'ROCm over nodes',
      row: { pool: mi355x, group: { release: '0.5.12', nodes: 2, parallelism: degrees(8, 2) } },
      code: 'SGLANG_ROCM_NODES',
    },
    {
      why: 'the MXFP4 weights',
      row: { ...onAmd, model: 'amd/DeepSeek-V3.2-mxfp4' },
      code: 'SGLANG_ROCM_MXFP4',
    },
    {
      why: 'one group of the model on Ascend',
      row: {
        pool: a3,
        model: w8a8,
        group: { release: '0.5.16', parallelism: degrees(16), contextTokens: 16_384 },
      },
      code: 'SGLANG_NPU_AGGREGATED',
    },
  ])('mark $why as unverified ($code)', ({ row, code }) => {
    const note = placed(row).notes.find((candidate) => candidate.code === code);
    expect(note?.unverified).toBe(true);
  });

  test('warn of sampling that the weights would have to say', () => {
    const layout = placed({ api: { sampling: { temperature: 0.3, topP: 0.9 } } });
    const note = layout.notes.find(({ code }) => code === 'SGLANG_SAMPLING_FROM_FILE');
    expect(note).toMatchObject({ level: 'warning', message: expect.stringContaining('0.3') });
  });
});

describe('logMilestones', () => {
  test('follow the lines of a start in order', () => {
    const log = [
      '[2026-11-01 10:00:00] server_args=ServerArgs(model_path=...)',
      '[2026-11-01 10:00:20 TP0] Init torch distributed ends. elapsed=2.10 s',
      '[2026-11-01 10:00:21 TP0] Load weight begin. avail mem=137.90 GB',
      '[2026-11-01 10:05:21 TP0] Load weight end. elapsed=300.1 s',
      '[2026-11-01 10:05:30 TP0] Memory pool end. avail mem=15.20 GB',
      '[2026-11-01 10:05:31 TP0] Capture cuda graph begin. This can take up to several minutes.',
      '[2026-11-01 10:08:31 TP0] max_total_num_tokens=569536, chunked_prefill_size=8192',
      '[2026-11-01 10:09:00] The server is fired up and ready to roll!',
    ];
    const { logMilestones } = sglang;
    expect(logMilestones.map(({ pattern }) => log.findIndex((line) => pattern.test(line)))).toEqual(
      log.map((_, index) => index),
    );
  });
});
