import { valueOfFlag } from '../../argument-check.ts';
import type { LayoutQuestion } from '../../engine.ts';
import type { Reason } from '../../reason.ts';
import { renamedFlags } from '../flags.ts';
import { stageRanks } from '../sizes.ts';

type Rule = (question: LayoutQuestion) => Reason | undefined;

function valueOf({ group }: LayoutQuestion, names: readonly string[]): string | undefined {
  return valueOfFlag(group.extraArgs, names);
}

function hasBackend({ group }: LayoutQuestion): boolean {
  return group.allToAll !== 'auto' && group.allToAll !== 'none';
}

function denseRanks(question: LayoutQuestion): Reason | undefined {
  const size = valueOf(question, ['--moe-dense-tp-size']);
  const ranks = stageRanks(question);
  if (size === undefined || size === '1' || size === String(ranks)) return undefined;
  return {
    code: 'SGLANG_DENSE_RANKS',
    message: `--moe-dense-tp-size ${size}: the dense layers are whole on every rank or cut over all ${ranks}`,
    hint: 'Use 1, or remove it.',
    source: 'SGLang arg_groups/parallel_hook.py',
  };
}

function dispatchHasBackend(question: LayoutQuestion): Reason | undefined {
  const algorithm = valueOf(question, ['--ep-dispatch-algorithm']);
  if (algorithm === undefined || hasBackend(question)) return undefined;
  return {
    code: 'SGLANG_DISPATCH_WITHOUT_ALL2ALL',
    message: `--ep-dispatch-algorithm ${algorithm} without an all-to-all backend: no token is dispatched`,
    hint: 'Set allToAll to a backend of the device, or remove it.',
    source: 'SGLang arg_groups/moe_hook.py, handle_eplb_and_dispatch',
  };
}

function overlapHasTraffic(question: LayoutQuestion): Reason | undefined {
  const on = valueOf(question, ['--enable-two-batch-overlap']) !== undefined;
  if (!on || hasBackend(question) || question.parallelism.data > 1) return undefined;
  return {
    code: 'SGLANG_OVERLAP_WITHOUT_TRAFFIC',
    message: '--enable-two-batch-overlap without an all-to-all backend and with data 1',
    hint: 'Set allToAll to a backend of the device, or data above 1, or remove it.',
    source: 'SGLang server_args.py',
  };
}

/** Every published use of it is a prefill role of its own. */
function noPrefillContext(question: LayoutQuestion): Reason | undefined {
  const flag = renamedFlags.prefillContextParallel.find(
    (name) => valueOf(question, [name]) !== undefined,
  );
  if (flag === undefined) return undefined;
  return {
    code: 'SGLANG_PREFILL_CONTEXT',
    message: `${flag} is for groups that only prefill, and this one also decodes`,
    hint: 'Remove it.',
    source: 'SGLang server_args.py; Ascend best practice: prefill roles only',
  };
}

const rules: readonly Rule[] = [
  denseRanks,
  dispatchHasBackend,
  overlapHasTraffic,
  noPrefillContext,
];

/** Features switched on by `extraArgs` that this layout cannot use. */
export function checkFeatures(question: LayoutQuestion): Reason[] {
  return rules.flatMap((rule) => rule(question) ?? []);
}
