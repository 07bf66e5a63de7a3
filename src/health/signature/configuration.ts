import { correctFlags, logCommand, type Signature } from './signature.ts';

/** Flags, versions, ports and drivers: what was wrong before the first byte was loaded. */
export const configurationSignatures: readonly Signature[] = [
  {
    code: 'flag-rejected',
    engines: 'any',
    weight: 'fatal',
    pattern:
      /error: (?:unrecognized arguments|argument \S+: |the following arguments are required|ambiguous option)|cannot be used with --headless/,
    support: /error:|usage:/,
    meaning: 'The engine refused one of its flags.',
    nextStep: correctFlags,
    source: 'https://docs.vllm.ai/en/stable/cli/serve.html',
  },
  {
    code: 'config-mismatch',
    engines: ['vllm', 'vllm-ascend'],
    weight: 'fatal',
    pattern:
      /Configuration mismatch detected for engine|Message from engine with unexpected data parallel rank|EI0005|collective communication (?:are|is) inconsistent/,
    support: /hash|identical/,
    meaning: 'The pods of one group were started with different parallel settings or versions.',
    nextStep: ({ group, namespace }) =>
      `Compare revision and image of the pods of group ${group}: \`kubectl get pods -n ${namespace} -o custom-columns=POD:.metadata.name,IMAGE:.spec.containers[0].image,REVISION:.metadata.labels.leaderworkerset\\.sigs\\.k8s\\.io/template-revision-hash\`, then run \`dsdeploy apply\`.`,
    source: 'https://github.com/vllm-project/vllm (v1/engine/utils.py)',
  },
  {
    code: 'version-mismatch',
    engines: 'any',
    weight: 'fatal',
    pattern:
      /Message truncated ?: received \d+ bytes instead of|NCCL WARN.*(?:[Vv]ersion mismatch|Mismatched)|NCCL version mismatch|HCCL.*version.*(?:not match|inconsistent)/,
    meaning: 'Ranks of one group run different versions of the communication library.',
    nextStep: ({ group, namespace }) =>
      `Pin groups[${group}].image by digest so that every node runs the same: \`kubectl get pods -n ${namespace} -o jsonpath='{range .items[*]}{.metadata.name} {.status.containerStatuses[0].imageID}{"\\n"}{end}'\`.`,
    source: 'https://docs.nvidia.com/deeplearning/nccl/user-guide/docs/troubleshooting.html',
  },
  {
    code: 'headless-mismatch',
    engines: ['vllm', 'vllm-ascend'],
    weight: 'fatal',
    pattern: /engine \d+ must (?:not )?use --headless/,
    meaning: 'Leader and worker disagree who serves requests (--headless and load balancing).',
    nextStep: ({ group }) =>
      `Remove --headless and --data-parallel-*-lb from groups[${group}].extraArgs: groups[${group}].loadBalancing sets them for every pod.`,
    source: 'https://github.com/vllm-project/vllm/issues/36875',
  },
  {
    code: 'engine-ready-timeout',
    engines: ['vllm', 'vllm-ascend'],
    weight: 'fatal',
    pattern:
      /Timed out waiting for engine core processes|Timed out waiting for engines? to send initial message/,
    support: /VLLM_ENGINE_READY_TIMEOUT_S|Waited/,
    meaning: 'The front end gave up before the ranks were loaded; they were still at work.',
    nextStep: ({ group }) =>
      `Correct model.weights.readBytesPerSecond, from which the budget follows, or set VLLM_ENGINE_READY_TIMEOUT_S in groups[${group}].extraEnv.`,
    source: 'https://github.com/vllm-project/vllm/issues/32116',
  },
  {
    code: 'probe-killed',
    engines: ['vllm', 'vllm-ascend'],
    weight: 'fatal',
    pattern: /KeyboardInterrupt: terminated/,
    meaning: 'Kubernetes ended the engine because a probe failed for too long.',
    nextStep: ({ namespace, pod }) =>
      `See which probe: \`kubectl get events -n ${namespace} --field-selector involvedObject.name=${pod}\`; a slow start needs a truthful model.weights.readBytesPerSecond.`,
    source: 'https://docs.vllm.ai/en/stable/deployment/k8s.html',
  },
  {
    code: 'service-link-port',
    engines: ['vllm', 'vllm-ascend'],
    weight: 'fatal',
    pattern: /VLLM_PORT '[^']*' appears to be a URI|invalid literal for int\(\).*tcp:\/\//,
    meaning:
      'A Service named vllm put its address into VLLM_PORT, which the engine reads as a port.',
    nextStep: ({ namespace }) =>
      `Rename or delete that Service (\`kubectl get service vllm -n ${namespace}\`), or keep enableServiceLinks false as dsdeploy renders it.`,
    source: 'https://github.com/vllm-project/vllm/issues/34199',
  },
  {
    code: 'port-in-use',
    engines: 'any',
    weight: 'fatal',
    pattern: /[Aa]ddress already in use|EADDRINUSE|Port \d+ is (?:already )?(?:in use|unavailable)/,
    meaning: 'A port the engine wants is taken.',
    nextStep: ({ node, pool }) =>
      `With fabric.hostNetwork of pool ${pool} only one engine fits a node: find who listens on ${node ?? 'the node'} with \`ss -ltnp\`, or turn hostNetwork off.`,
    source: 'https://github.com/vllm-project/vllm/issues/24308',
  },
  {
    code: 'driver-too-old',
    engines: 'any',
    weight: 'fatal',
    pattern:
      /driver on your system is too old|driver version is insufficient for CUDA runtime|unsatisfied condition: cuda>=|unsupported display driver|forward compatibility was attempted on non supported HW|PTX was compiled with an unsupported toolchain|driver version .*(?:not match|incompatible|too low).*CANN|Unsupported (?:ROCm|amdgpu) driver/i,
    meaning: 'The driver of the node is older than the image needs.',
    nextStep: ({ node, group }) =>
      `Update the driver of ${node ?? 'the node'} (\`nvidia-smi\` shows it), or set groups[${group}].image to a build for an older one.`,
    source: 'https://docs.nvidia.com/deploy/cuda-compatibility/',
  },
  {
    code: 'device-absent',
    engines: 'any',
    weight: 'fatal',
    pattern:
      /No CUDA GPUs are available|Failed to infer device type|lib(?:cuda|amdhip64|ascend_hal)\.so[^:]*: cannot open shared object|no NPU device|drvGetDevNum.*fail|no ROCm-capable device/i,
    meaning: 'The container sees no device.',
    nextStep: ({ pool, node }) =>
      `Check deviceResource of pool ${pool} and the device plugin: \`kubectl describe node ${node ?? 'NODE'}\`.`,
    source: 'https://github.com/NVIDIA/k8s-device-plugin',
  },
  {
    code: 'device-fault',
    engines: 'any',
    weight: 'fatal',
    pattern:
      /uncorrectable (?:NVLink|ECC) error|(?:CUDA error|Error 802): (?:system not yet initialized|hardware stack error)|fallen off the bus|Xid.*: (?:48|74|79|94|95)\b|device lost|HBM.*uncorrectable/i,
    meaning: 'A device or its fabric failed.',
    nextStep: ({ node }) =>
      `Take the node out and reset the device: \`kubectl cordon ${node ?? 'NODE'}\`, then \`dmesg | grep -iE 'xid|nvlink'\` and \`systemctl status nvidia-fabricmanager\` on it.`,
    source: 'https://docs.nvidia.com/deploy/xid-errors/',
  },
  {
    code: 'kernel-fault',
    engines: 'any',
    weight: 'fatal',
    pattern:
      /error: (?:an illegal memory access was encountered|device-side assert triggered|unspecified launch failure|misaligned address)|Memory access fault by GPU|HSA_STATUS_ERROR_(?:EXCEPTION|MEMORY)|aicore (?:exception|execution is abnormal|error)|EZ9999/i,
    support: /Assertion|illegal|EZ9999|aic error|fault/i,
    meaning: 'A kernel of the engine failed on the device.',
    nextStep: ({ group }) =>
      `Pin groups[${group}].image by digest to a build that worked, or try another kernel in groups[${group}].extraArgs (attention backend, allToAll); the line names the device.`,
    source: 'https://github.com/vllm-project/vllm/issues/14965',
  },
  {
    code: 'library-missing',
    engines: 'any',
    weight: 'fatal',
    pattern:
      /ImportError: .*(?:cannot open shared object|undefined symbol)|ModuleNotFoundError: No module named|requires DeepGEMM|DeepGEMM backend is not available/,
    unless: /lib(?:cuda|amdhip64|ascend_hal)\.so|\bWARNING\b|Ignore import error/,
    meaning: 'The image lacks a library or has one of another build.',
    nextStep: (context) =>
      `Use the image of the catalog (leave groups[${context.group}].image out) or one built for this release; the name is in \`${logCommand(context)} --tail=50\`.`,
    source: 'https://docs.vllm.ai/en/stable/usage/troubleshooting.html',
  },
];
