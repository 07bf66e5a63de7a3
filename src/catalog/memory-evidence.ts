import type { AcceleratorRow } from './accelerator/accelerator-row.ts';
import type { MemoryEngine } from './memory-behaviour-row.ts';

/** How near `fit` came to the cache that published start-up logs of one kind of layout state. */
export interface MemoryEvidenceRow {
  readonly engine: MemoryEngine;
  readonly vendors: readonly AcceleratorRow['vendor'][];
  /** Tensor ranks of one node alone, or anything that spreads experts, copies or nodes. */
  readonly layouts: 'tensor' | 'spread';
  /** Vendors with a line of a model that sees among them. */
  readonly seeing: readonly AcceleratorRow['vendor'][];
  /** Published lines that were compared, met or not. */
  readonly lines: number;
  /** Largest error as a share of the cache, where the cache is not small. */
  readonly share: number;
  /** Largest error of a rank where weights fill the device or ranks are spread, bytes. */
  readonly bytes: number;
  readonly source: string;
}

const gib = 2 ** 30;

/** Worst lines are those of docs/capacity-lines.md; older releases than those named are left out. */
export const memoryEvidence: readonly MemoryEvidenceRow[] = [
  {
    engine: 'vllm',
    vendors: ['nvidia', 'amd'],
    layouts: 'tensor',
    seeing: ['nvidia'],
    lines: 40,
    share: 0.05,
    bytes: 2 * gib,
    source:
      'vLLM 0.8 to 0.29 on H100, H200, B200, MI300X and MI355X: GLM-5.2-FP8 with drafts on 8 x B200 (+5.1 % blind), Kimi-K2-Thinking that fills 8 x H100 (1.9 GiB)',
  },
  {
    engine: 'vllm',
    vendors: ['nvidia', 'amd'],
    layouts: 'spread',
    seeing: ['nvidia'],
    lines: 13,
    share: 0.03,
    bytes: 4.6 * gib,
    source:
      'vLLM 0.8 to 0.28 on H100, H800, H200, GH200, B200 and GB200: GLM-5.2-FP8 at TP2 x DP4 with drafts on 8 x B200 (crinex/b200_glm_poc; blind)',
  },
  {
    engine: 'sglang',
    vendors: ['nvidia', 'amd'],
    layouts: 'tensor',
    seeing: ['nvidia', 'amd'],
    lines: 16,
    share: 0.04,
    bytes: 0.4 * gib,
    source:
      'SGLang 0.5.8 to 0.5.15 on H200, GB300, MI308X and MI355X: GLM-5.2 on 8 x MI308X (-4.0 %)',
  },
  {
    engine: 'sglang',
    vendors: ['nvidia', 'amd'],
    layouts: 'spread',
    seeing: ['nvidia'],
    lines: 23,
    share: 0.03,
    bytes: 1.1 * gib,
    source:
      'SGLang 0.4.3 to 0.5.16 on H100, H800, H20, B200, MI325X and MI355X: R1 at TP16 on 2 x 8 H800 (sglang#4161)',
  },
  {
    engine: 'sglang',
    vendors: ['huawei'],
    layouts: 'tensor',
    seeing: [],
    lines: 1,
    share: 0.04,
    bytes: 0.5 * gib,
    source: 'SGLang 0.5.7 on A3: V3.2-Exp in W8A8 at TP16 (+3.2 %)',
  },
  {
    engine: 'sglang',
    vendors: ['huawei'],
    layouts: 'spread',
    seeing: [],
    lines: 14,
    share: 0.03,
    bytes: 0.5 * gib,
    source: 'SGLang 0.5.6 to 0.5.9 on one and two A3: R1 in W4A8 at TP4 x DP4 (-2.8 %)',
  },
  {
    engine: 'vllm-ascend',
    vendors: ['huawei'],
    layouts: 'spread',
    seeing: [],
    lines: 1,
    share: 0.03,
    // Its blind error: what is left after the repair is of the one line that is known.
    bytes: 1.2 * gib,
    source:
      'vllm-ascend 0.14.0rc2, GLM-5 in W4A8 at DP2 x TP8 on 2 x 8 Ascend 910B2 (vllm-ascend#6847)',
  },
];
