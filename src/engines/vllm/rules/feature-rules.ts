import { blackwell } from '../../../catalog/index.ts';
import { type ParsedFlag, parseFlags } from '../../argument-check.ts';
import type { ExtrasQuestion } from '../../engine.ts';
import type { Reason } from '../../reason.ts';
import { kvHalfOf } from '../kv-connector.ts';

type Rule = (given: readonly ParsedFlag[], question: ExtrasQuestion) => Reason | undefined;

/** Backends that can hide their traffic behind the other half of a batch. */
const overlapping = ['deepep_low_latency', 'deepep_high_throughput', 'nixl_ep'];

/** Names of the releases for one context-parallel dimension. */
const decodeContext = ['--decode-context-parallel-size', '-dcp'];
const prefillContext = ['--prefill-context-parallel-size', '-pcp'];

/** Features switched on by `extraArgs` that this model cannot use on these devices. */
export function checkFeatures(question: ExtrasQuestion): Reason[] {
  const given = parseFlags(question.group.extraArgs);
  return rules.flatMap((rule) => rule(given, question) ?? []);
}

const rules: readonly Rule[] = [
  overlapHasBackend,
  overlapOnRocmIsSynchronous,
  noDecodeContextParallel,
  noPrefillContextWithData,
  blockSizeIsFixed,
  attentionBackendOnce,
  oneElasticChoice,
  faultToleranceNeedsPorts,
  numaNeedsBinding,
  groupAnswersAlone,
];

function overlapHasBackend(given: readonly ParsedFlag[], { group }: ExtrasQuestion) {
  if (!isOn(given, '--enable-dbo') || overlapping.includes(group.allToAll)) return undefined;
  return {
    code: 'VLLM_DBO_BACKEND',
    message: `--enable-dbo with allToAll: ${group.allToAll}, which cannot overlap two half batches`,
    hint: `Set allToAll to one of ${overlapping.join(', ')}.`,
    source: 'vllm/config/vllm.py',
  };
}

function overlapOnRocmIsSynchronous(
  given: readonly ParsedFlag[],
  { group, accelerator }: ExtrasQuestion,
): Reason | undefined {
  const both = isOn(given, '--enable-dbo') && isOn(given, '--async-scheduling');
  const rocm = accelerator.vendor === 'amd' && group.allToAll === 'deepep_high_throughput';
  if (!both || !rocm) return undefined;
  return {
    code: 'VLLM_DBO_ASYNC',
    message:
      '--enable-dbo with --async-scheduling and deepep_high_throughput, which ROCm cannot run',
    hint: 'Remove --async-scheduling; vLLM turns it off by itself then.',
    source: 'vllm/config/vllm.py',
  };
}

function noDecodeContextParallel(
  given: readonly ParsedFlag[],
  { model, accelerator }: ExtrasQuestion,
) {
  const size = numberOf(given, decodeContext);
  const onBlackwell = blackwell.has(accelerator.id);
  const sparse = model.architecture.indexer !== undefined;
  if (size <= 1 || !sparse || onBlackwell || accelerator.vendor === 'huawei') return undefined;
  return {
    code: 'VLLM_DCP_UNSUPPORTED',
    message: `decode context parallelism ${size} with sparse attention on ${accelerator.name}: no backend there returns what it has to combine`,
    hint: 'Remove it; data parallelism multiplies the cache instead.',
    source: 'vllm/v1/attention/backends/mla/flashattn_mla_sparse.py; vllm-project/vllm#27544',
  };
}

function noPrefillContextWithData(given: readonly ParsedFlag[], { group }: ExtrasQuestion) {
  const size = numberOf(given, prefillContext);
  const data = group.parallelism === 'auto' ? 1 : group.parallelism.data;
  if (size <= 1 || data === 1) return undefined;
  return {
    code: 'VLLM_PCP_WITH_DATA',
    message: `prefill context parallelism ${size} with data ${data}`,
    hint: 'Use one of the two.',
    source: 'vllm/config/parallel.py',
  };
}

function blockSizeIsFixed(
  given: readonly ParsedFlag[],
  { model, accelerator }: ExtrasQuestion,
): Reason | undefined {
  const value = valueOf(given, ['--block-size']);
  if (value === undefined || model.architecture.indexer === undefined) return undefined;
  const allowed = { nvidia: '64', amd: '1', huawei: '128' }[accelerator.vendor];
  if (value === allowed && accelerator.vendor !== 'amd') return undefined;
  return {
    code: 'VLLM_BLOCK_SIZE',
    message: `--block-size ${value}: the sparse attention of ${accelerator.name} fixes it at ${allowed}`,
    hint: 'Remove --block-size.',
    source: 'vllm/v1/attention/backends/mla (64 on CUDA); vllm-project/recipes (1 on ROCm)',
  };
}

function attentionBackendOnce(given: readonly ParsedFlag[]): Reason | undefined {
  const inside = given.some(
    ({ flag, values }) =>
      flag === '--attention-config.backend' ||
      ((flag === '--attention-config' || flag === '-ac') && values.join(' ').includes('"backend"')),
  );
  if (!inside || valueOf(given, ['--attention-backend']) === undefined) return undefined;
  return {
    code: 'VLLM_ATTENTION_BACKEND_TWICE',
    message: 'extraArgs names the attention backend twice, as a flag and in --attention-config',
    hint: 'Keep --attention-backend.',
    source: 'vllm/engine/arg_utils.py',
  };
}

function oneElasticChoice(given: readonly ParsedFlag[], { group }: ExtrasQuestion) {
  if (!isOn(given, '--enable-elastic-ep')) return undefined;
  const pipeline = group.parallelism === 'auto' ? 1 : group.parallelism.pipeline;
  const usual = group.loadBalancing === 'internal' && pipeline === 1;
  if (group.redundantExperts > 0 && usual) return undefined;
  return {
    code: 'VLLM_ELASTIC_EP',
    message: `--enable-elastic-ep with redundantExperts ${group.redundantExperts}, loadBalancing: ${group.loadBalancing} and pipeline ${pipeline}`,
    hint: 'Set redundantExperts above 0, loadBalancing: internal and pipeline: 1, or remove --enable-elastic-ep.',
    source: 'vllm/config/parallel.py',
  };
}

function faultToleranceNeedsPorts(given: readonly ParsedFlag[], { group }: ExtrasQuestion) {
  if (!isOn(given, '--enable-fault-tolerance') || group.loadBalancing === 'multi-port') {
    return undefined;
  }
  return {
    code: 'VLLM_FAULT_TOLERANCE',
    message: `--enable-fault-tolerance with loadBalancing: ${group.loadBalancing}, where ranks share a server`,
    hint: 'Set loadBalancing: multi-port, or remove --enable-fault-tolerance.',
    source: 'vllm/config/parallel.py; vllm/engine/arg_utils.py',
  };
}

function numaNeedsBinding(given: readonly ParsedFlag[]): Reason | undefined {
  const details = valueOf(given, ['--numa-bind-nodes', '--numa-bind-cpus']);
  if (details === undefined || isOn(given, '--numa-bind')) return undefined;
  return {
    code: 'VLLM_NUMA_BIND',
    message: `extraArgs says where to bind (${details}) without --numa-bind`,
    hint: 'Add --numa-bind, or remove the nodes and CPUs.',
    source: 'vllm/config/parallel.py',
  };
}

/** Half of a pair: the other half and the router between them are not dsdeploy's to start. */
function groupAnswersAlone(
  _given: readonly ParsedFlag[],
  { group }: ExtrasQuestion,
): Reason | undefined {
  const role = kvHalfOf(group.extraArgs);
  if (role === undefined) return undefined;
  return {
    code: 'VLLM_DISAGGREGATED',
    message: `--kv-transfer-config with kv_role ${role} makes the group half of a pair, and dsdeploy starts neither the other half nor the router between them`,
    hint: 'Remove --kv-transfer-config, so that each group prefills and decodes.',
    source: 'vllm docs/features/disagg_prefill.md and nixl_connector_usage.md',
  };
}

function isOn(given: readonly ParsedFlag[], name: string): boolean {
  return given.some(({ flag }) => flag === name);
}

function valueOf(given: readonly ParsedFlag[], names: readonly string[]): string | undefined {
  return given.find(({ flag }) => names.includes(flag))?.values.join(' ');
}

function numberOf(given: readonly ParsedFlag[], names: readonly string[]): number {
  return Number(valueOf(given, names) ?? 1);
}
