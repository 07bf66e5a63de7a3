import { logCommand, type Signature, type SignatureContext } from './signature.ts';

const compareFiles = ({ modelPath, namespace, pod }: SignatureContext): string =>
  `Compare the files with the publisher's list and fetch what differs: \`kubectl exec ${pod} -n ${namespace} -- sh -c 'ls -l ${modelPath}; sha256sum ${modelPath}/*.safetensors'\`.`;

/** Weights, tokenizer and template: what the model directory lacks. */
export const weightsSignatures: readonly Signature[] = [
  {
    code: 'weights-corrupt',
    engines: 'any',
    weight: 'fatal',
    pattern:
      /SafetensorError|Error while deserializing header|HeaderTooLarge|MetadataIncompleteBuffer|InvalidHeaderDeserialization|version https:\/\/git-lfs/,
    support: /\.safetensors|deserializing/,
    meaning: 'A file of the weights is damaged, cut off, or only a Git LFS pointer.',
    nextStep: compareFiles,
    source: 'https://github.com/vllm-project/vllm/issues/14596',
  },
  {
    code: 'weights-incomplete',
    engines: 'any',
    weight: 'fatal',
    pattern:
      /Cannot find any model weights|weights were not initialized from checkpoint|does not appear to have a file named model-|No such file or directory: '[^']*\.safetensors'|FileNotFoundError.*\.safetensors|Error no file named .*safetensors|[Mm]issing \d+ (?:safetensors )?(?:shard|file)s?\b/,
    support: /\.safetensors|not initialized/,
    meaning: 'Files of the weights are missing.',
    nextStep: compareFiles,
    source: 'https://github.com/vllm-project/vllm/pull/53537',
  },
  {
    code: 'weights-other-model',
    engines: 'any',
    weight: 'fatal',
    pattern:
      /Attempted to load weight \(torch\.Size|size mismatch for model\.|KeyError: '(?:model\.)?layers\.|loaded_weight\.shape/,
    meaning: 'The weights have another shape than this model or quantisation expects.',
    nextStep: ({ modelPath, namespace, pod }) =>
      `Check that model.id and model.weights.source name the same checkpoint: \`kubectl exec ${pod} -n ${namespace} -- head -40 ${modelPath}/config.json\`.`,
    source: 'https://github.com/sgl-project/sglang/pull/14465',
  },
  {
    code: 'storage-fault',
    engines: 'any',
    weight: 'fatal',
    pattern:
      /\[Errno (?:5|107|116)\]|Stale file handle|Input\/output error|Transport endpoint is not connected/,
    support: /\.safetensors|\/models?\//,
    meaning: 'The storage of the weights failed while they were read.',
    nextStep: ({ modelPath, namespace, pod, node }) =>
      `See whether ${node ?? 'the node'} still reads it: \`kubectl exec ${pod} -n ${namespace} -- ls -l ${modelPath}\`; then mount the volume anew by deleting the pod.`,
    source: 'https://man7.org/linux/man-pages/man3/errno.3.html',
  },
  {
    code: 'weights-permission',
    engines: 'any',
    weight: 'fatal',
    pattern:
      /Permission denied: '[^']*(?:\.safetensors|config\.json|tokenizer[^']*|\.index\.json)'|PermissionError.*(?:\/models?\/|\/weights\/)/,
    meaning: 'The engine may not read the weights.',
    nextStep: ({ modelPath, namespace, pod }) =>
      `Give the files read rights for every user, or the volume the group of the pod (fsGroup): \`kubectl exec ${pod} -n ${namespace} -- sh -c 'id; ls -ln ${modelPath} | head'\`.`,
    source: 'https://kubernetes.io/docs/tasks/configure-pod-container/security-context/',
  },
  {
    code: 'model-path-missing',
    engines: 'any',
    weight: 'fatal',
    pattern:
      /Repo id must be in the form|HFValidationError|No such file or directory: '[^']*config\.json'|Can't load the configuration of|Invalid repository ID or local directory|does not appear to have a file named config\.json|config\.json' is not a valid JSON|Incorrect path_or_model_id|Unrecognized model in/,
    meaning: 'The directory of the weights is empty or another one is mounted.',
    nextStep: ({ modelPath, namespace, pod }) =>
      `Check model.weights.source (claim, subPath, path): \`kubectl exec ${pod} -n ${namespace} -- ls ${modelPath}\` must show config.json.`,
    source: 'https://docs.vllm.ai/en/stable/usage/troubleshooting.html',
  },
  {
    code: 'offline-miss',
    engines: 'any',
    weight: 'fatal',
    pattern:
      /OfflineModeIsEnabled|LocalEntryNotFoundError|offline mode is enabled|couldn't find them in the cached files|HF_HUB_OFFLINE|Max retries exceeded with url: .*huggingface\.co|Failed to resolve 'huggingface\.co'/,
    meaning: 'The engine asks Hugging Face for a file that is not on the volume, and may not.',
    nextStep: ({ modelPath }) =>
      `Put the file the message names into ${modelPath} (configuration, tokenizer, generation_config.json and code beside the weights).`,
    source: 'https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables',
  },
  {
    code: 'tokenizer-missing',
    engines: 'any',
    weight: 'fatal',
    pattern:
      /Can't load tokenizer|Failed to load the tokenizer|Couldn't instantiate the backend tokenizer|does not appear to have a file named tokenizer/,
    meaning: 'The tokenizer is not beside the weights.',
    nextStep: ({ modelPath, namespace, pod }) =>
      `Copy tokenizer.json and tokenizer_config.json of the model into ${modelPath}: \`kubectl exec ${pod} -n ${namespace} -- ls ${modelPath}\`.`,
    source: 'https://docs.vllm.ai/en/stable/usage/troubleshooting.html',
  },
  {
    code: 'template-missing',
    engines: 'any',
    weight: 'fatal',
    pattern:
      /default chat template is no longer allowed|chat template .*(?:does not exist|not found)|Cannot use chat template functions because tokenizer\.chat_template is not set|must provide a chat template|[Uu]nknown tokenizer mode/,
    meaning:
      'No chat template is set: DeepSeek-V3.2 has none in its tokenizer, the engine brings its own.',
    nextStep: ({ group }) =>
      `Remove --chat-template and --tokenizer-mode from groups[${group}].extraArgs so that dsdeploy sets them, or use a release that knows this model.`,
    source: 'https://huggingface.co/deepseek-ai/DeepSeek-V3.2',
  },
  {
    code: 'model-unsupported',
    engines: 'any',
    weight: 'fatal',
    pattern:
      /Model architectures \[.*\] (?:are|is) not supported|does not recognize this architecture|model type `?\w+`? but Transformers does not|Unsupported architectures?:/,
    meaning: 'This release of the engine does not know the model.',
    nextStep: ({ group }) =>
      `Set groups[${group}].release to one that supports the model: \`dsdeploy plan\` refuses those that do not.`,
    source: 'https://github.com/sgl-project/sglang/issues/14365',
  },
  {
    code: 'path-permission',
    engines: 'any',
    weight: 'fatal',
    pattern: /PermissionError: \[Errno 13\] Permission denied/,
    unless: /\.safetensors|config\.json|tokenizer|\.index\.json|\/models?\/|\/weights\//,
    meaning: 'The engine may not write where it keeps compiled kernels or caches.',
    nextStep: (context) =>
      `Point the cache the message names at a writable volume in groups[${context.group}].extraEnv; the path is in \`${logCommand(context)} | grep 'Permission denied'\`.`,
    source: 'https://docs.vllm.ai/en/stable/configuration/env_vars.html',
  },
];
