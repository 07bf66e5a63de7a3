import { exceptionLine } from './show-lines.ts';
import { correctFlags, logCommand, type Signature, type SignatureContext } from './signature.ts';

/** A traceback of an engine with the name of the process before each line is long. */
const reach = 150;

const readTraceback = (context: SignatureContext): string =>
  `Read the whole traceback: \`${logCommand(context)} --previous --tail=300\`.`;

/** Those that tell at least who failed. */
export const librarySignatures: readonly Signature[] = [
  {
    code: 'config-rejected',
    engines: 'any',
    weight: 'vague',
    pattern: /validation errors? for \w*(?:Config|Args)\b/,
    support: /Value error|type=value_error|Assertion failed/,
    meaning: 'The engine refused its configuration.',
    nextStep: correctFlags,
    source: 'https://docs.vllm.ai/en/stable/cli/serve.html',
  },
  {
    code: 'nccl-failed',
    engines: ['vllm', 'sglang'],
    weight: 'vague',
    pattern:
      /NCCL error: (?:unhandled|internal|invalid)|nccl(?:UnhandledCuda|System|Internal)Error|ncclInvalid(?:Usage|Argument)/,
    support: /NCCL WARN|NCCL error/,
    meaning: 'NCCL failed and did not say why.',
    nextStep: ({ group }) =>
      `Set NCCL_DEBUG to INFO in groups[${group}].extraEnv and run \`dsdeploy apply\`: the line with NCCL WARN before the error names the cause.`,
    source: 'https://github.com/vllm-project/vllm/issues/20226',
  },
  {
    code: 'hccl-failed',
    engines: ['vllm-ascend', 'sglang'],
    weight: 'vague',
    pattern: /HCCL function error|[Hh]cclCommInit\w* ?fail|DIST call hccl api failed/,
    support: /E[IJ]\d{4}|hccl/i,
    meaning: 'HCCL failed and did not say why.',
    nextStep: ({ group, node }) =>
      `Check the links of ${node ?? 'every node'} with \`hccn_tool -i 0 -link -g\`, and set ASCEND_GLOBAL_LOG_LEVEL to 1 in groups[${group}].extraEnv to have the cause in the log.`,
    source: 'https://github.com/vllm-project/vllm-ascend/issues/3367',
  },
];

/** What tells that an engine ended and not why. */
export const vagueSignatures: readonly Signature[] = [
  ...librarySignatures,
  {
    code: 'process-died',
    engines: 'any',
    weight: 'vague',
    pattern:
      /Worker proc \S+ died unexpectedly|scheduler (?:is dead|died)\b|Fatal Python error|Segmentation fault|!!!!!!! Segfault|terminate called after throwing/,
    support: /what\(\):|Fatal Python error|exit code/,
    meaning: 'A process of the engine died without a word.',
    nextStep: ({ node }) =>
      `Look for who ended it on ${node ?? 'the node'}: \`dmesg -T | grep -iE 'oom|segfault|xid'\`.`,
    source: 'https://github.com/sgl-project/sglang/pull/20287',
  },
  {
    code: 'engine-failed',
    engines: 'any',
    weight: 'vague',
    pattern:
      /EngineCore (?:failed to start|encountered a fatal error|hit an exception)|WorkerProc (?:failed to start|hit an exception)|(?:Scheduler|DataParallelController|TpModelWorkerClient|DetokenizerManager) hit an exception|Initialization failed\. warmup error/,
    support: exceptionLine,
    reach,
    meaning: 'The engine ended with an error that is none of the known ones.',
    nextStep: readTraceback,
    source: 'https://github.com/vllm-project/vllm (v1/engine/core.py)',
  },
  {
    code: 'uncaught-exception',
    engines: 'any',
    weight: 'vague',
    when: ({ ended }) => ended === true,
    pattern: /Traceback \(most recent call last\)/,
    support: exceptionLine,
    reach,
    meaning: 'The engine ended with an error that is none of the known ones.',
    nextStep: readTraceback,
    source: 'https://docs.python.org/3/library/traceback.html',
  },
];
