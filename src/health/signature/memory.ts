import type { Signature, SignatureContext } from './signature.ts';

const outOfMemory =
  /(?:CUDA|HIP|NPU) out of memory|torch\.(?:cuda\.)?OutOfMemoryError|OutOfMemoryError: NPU|(?:CUDA|HIP)(?: driver)? error: out of memory|Triton Error \[\w+\]: out of memory|Cuda failure.*'out of memory'|cudaErrorMemoryAllocation|hipErrorOutOfMemory|EL0004/;

const capacityLines = /total capacity of|Tried to allocate|memory in use|avail mem/;

const lowerUtilization = ({ group }: SignatureContext): string =>
  `groups[${group}].memoryUtilization`;

/** Memory of devices, of the host, and of shared memory and disks. */
export const memorySignatures: readonly Signature[] = [
  {
    code: 'oom-load',
    engines: 'any',
    weight: 'fatal',
    pattern: outOfMemory,
    support: capacityLines,
    phase: ['starting', 'loading'],
    meaning: 'The weights do not fit into device memory.',
    nextStep: ({ group }) =>
      `Spread group ${group} over more nodes or free the devices (\`nvidia-smi\`, \`rocm-smi\` or \`npu-smi info\` on the node); \`dsdeploy fit\` shows what each rank needs.`,
    source: 'https://github.com/vllm-project/vllm/issues/15598',
  },
  {
    code: 'oom-logits',
    engines: 'any',
    weight: 'fatal',
    pattern: new RegExp(`${outOfMemory.source}|out of memory occurred when warming up sampler`),
    support: capacityLines,
    phase: 'sizing',
    meaning:
      'The largest batch does not fit beside the weights: activations and logits ran out of device memory.',
    nextStep: ({ group }) =>
      `Lower groups[${group}].maxBatchedTokens or maxSequences, or groups[${group}].memoryUtilization; check with \`dsdeploy fit\`.`,
    source: 'https://github.com/vllm-project/vllm/issues/13074',
  },
  {
    code: 'oom-graph-capture',
    engines: 'any',
    weight: 'fatal',
    pattern: new RegExp(`${outOfMemory.source}|Capture cuda graph failed: CUDA out of memory`),
    support: capacityLines,
    phase: 'capturing',
    meaning: 'Device memory ran out while graphs were captured: the KV cache left no room.',
    nextStep: (context) =>
      `Lower ${lowerUtilization(context)} by 0.02 to 0.05, or capture fewer batch sizes in groups[${context.group}].extraArgs; check with \`dsdeploy fit\`.`,
    source: 'https://github.com/sgl-project/sglang/issues/5285',
  },
  {
    code: 'oom-serving',
    engines: 'any',
    weight: 'fatal',
    pattern: outOfMemory,
    support: capacityLines,
    phase: 'serving',
    meaning: 'Device memory ran out while requests were served.',
    nextStep: (context) =>
      `Lower ${lowerUtilization(context)} or groups[${context.group}].maxBatchedTokens, and run \`dsdeploy apply\`.`,
    source: 'https://github.com/LMCache/LMCache/pull/2521',
  },
  {
    code: 'kv-cache-too-small',
    engines: 'any',
    weight: 'fatal',
    pattern:
      /No available memory for the cache blocks|larger than the available KV cache memory|Not enough memory\. Please try (?:to increase|increasing) --mem-fraction-static/,
    support: /KV cache|max_model_len|max seq len/,
    meaning: 'What is left beside the weights does not hold one request of the full context.',
    nextStep: (context) =>
      `Lower groups[${context.group}].contextTokens or raise ${lowerUtilization(context)}; \`dsdeploy fit\` shows the most that fits.`,
    source: 'https://docs.vllm.ai/en/stable/configuration/conserving_memory.html',
  },
  {
    code: 'device-memory-taken',
    engines: ['vllm', 'vllm-ascend'],
    weight: 'fatal',
    pattern:
      /Free memory on device .*(?:is )?less than desired|Error in memory profiling\. Initial free memory/,
    meaning: 'Another process holds memory of the device.',
    nextStep: ({ node }) =>
      `Find it on node ${node ?? 'NODE'} with \`nvidia-smi\`, \`rocm-smi\` or \`npu-smi info\` and end it; a rank of an earlier life is the usual one.`,
    source: 'https://github.com/vllm-project/vllm (v1/worker/gpu_worker.py)',
  },
  {
    code: 'shm-full',
    engines: 'any',
    weight: 'fatal',
    pattern:
      /(?:creating|extend) (?:shared memory segment )?\/dev\/shm\/|No space left on device.*(?:\/dev\/shm|psm_)|posix_fallocate failed ?: No space left|[Bb]us error|insufficient shared memory/,
    support: /No space left|\/dev\/shm|shm/,
    meaning: '/dev/shm is full, by its size or by what crashed ranks left there.',
    nextStep: ({ pool, namespace, pod }) =>
      `Raise pod.sharedMemory of pool ${pool}; see what fills it: \`kubectl exec ${pod} -n ${namespace} -- df -h /dev/shm\`.`,
    source: 'https://github.com/llm-d/llm-d/issues/352',
  },
  {
    code: 'disk-full',
    engines: 'any',
    weight: 'fatal',
    pattern: /No space left on device/,
    unless: /\/dev\/shm|psm_|posix_fallocate|shared memory/,
    meaning: 'A disk of the pod is full: compiled kernels, caches or a download.',
    nextStep: ({ pool, namespace, pod }) =>
      `Raise pod.ephemeralStorage of pool ${pool}; see what fills it: \`kubectl exec ${pod} -n ${namespace} -- df -h\`.`,
    source: 'https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/',
  },
  {
    code: 'host-memory',
    engines: 'any',
    weight: 'fatal',
    pattern: /OOMKilled|Memory cgroup out of memory|died during initialization \(exit code: -9\)/,
    meaning: 'The kernel ended the engine at the memory limit of the pod.',
    nextStep: ({ pool }) =>
      `Raise pod.memory of pool ${pool}: page cache of a hostPath does not count, /dev/shm and pinned memory do.`,
    source: 'https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/',
  },
  {
    code: 'npu-streams',
    engines: ['vllm-ascend', 'sglang'],
    weight: 'fatal',
    pattern:
      /EL0009|alloc sq cq fail|New capture stream failed|resource alloc fail|stream resources are insufficient|error code is 207005|runtime result = 207005/i,
    support: /stream|207005|EE9999/,
    meaning: 'The NPU ran out of streams while graphs were captured.',
    nextStep: ({ group, node }) =>
      `Capture fewer sizes: \`--compilation-config '{"cudagraph_capture_sizes":[1,8,32]}'\` in groups[${group}].extraArgs; "alloc sq cq fail" also asks for Ascend HDK 25.5.1 or newer on ${node ?? 'the node'}.`,
    source: 'https://github.com/vllm-project/vllm-ascend/pull/10555',
  },
];
