import type { EngineRequest } from '../engine.ts';
import { hcclInsideA2, hcclVariables } from '../fabric-variables.ts';
import { toggle } from '../vllm/arguments.ts';
import type { VllmDialect } from '../vllm/dialect.ts';
import type { EnvVar } from '../workload.ts';
import { captureSizes } from './capture-sizes.ts';
import { flashCommVariable, usesFlashComm } from './flash-comm.ts';
import { fusedPreprocessVariable } from './fused-preprocess.ts';

/** Files that set the paths of CANN; the image relies on a login shell to read them. */
const environmentFiles = [
  '/usr/local/Ascend/ascend-toolkit/set_env.sh',
  '/usr/local/Ascend/nnal/atb/set_env.sh',
];

/**
 * vLLM on Ascend devices.
 *
 * @source vllm-project/vllm-ascend 0.23.0.post1: docs/source/tutorials/models/DeepSeek-V3.2.md and
 * tests/e2e/nightly/multi_node/internal_dp/config/DeepSeek-V3_2-W8A8-A3-dual-nodes.yaml
 */
export const ascendDialect: VllmDialect = {
  rpcPort: 13_399,
  choosesAllToAll: false,
  draftMethod: 'deepseek_mtp',
  modelArguments: (request) => [
    ...(request.model.weightFormat === 'w8a8' ? ['--quantization', 'ascend'] : []),
    ...toggle(request.release, '--enable-prefix-caching', false),
    ...['--compilation-config', JSON.stringify(graphs(request))],
    // All pods must draw the same random numbers.
    ...['--seed', '1024'],
  ],
  deviceVariables: (request) => deviceVariables(request),
  networkVariables: ({ pool }) => hcclVariables(pool),
};

function graphs({ podsPerGroup }: EngineRequest) {
  const mode = { cudagraph_mode: 'FULL_DECODE_ONLY' };
  return podsPerGroup === 1 ? mode : { cudagraph_capture_sizes: captureSizes, ...mode };
}

function deviceVariables(request: EngineRequest): EnvVar[] {
  const { podsPerGroup, accelerator } = request;
  const several = podsPerGroup > 1;
  return [
    { name: 'DSDEPLOY_SOURCE', value: environmentFiles.join(':') },
    { name: 'HCCL_OP_EXPANSION_MODE', value: 'AIV' },
    // MiB per communicator: the tutorial's 200, and the nightly run's 1024 where experts cross nodes.
    { name: 'HCCL_BUFFSIZE', value: several ? '1024' : '200' },
    { name: 'OMP_PROC_BIND', value: 'false' },
    { name: 'OMP_NUM_THREADS', value: '1' },
    { name: 'PYTORCH_NPU_ALLOC_CONF', value: 'expandable_segments:True' },
    { name: fusedPreprocessVariable, value: '1' },
    ...(usesFlashComm(request) ? [{ name: flashCommVariable, value: '1' }] : []),
    { name: 'TASK_QUEUE_ENABLE', value: '1' },
    ...(several && accelerator.id === 'ascend-a3'
      ? [{ name: 'ASCEND_A3_EBA_ENABLE', value: '1' }]
      : []),
    ...(several && accelerator.id === 'ascend-a2' ? hcclInsideA2 : []),
  ];
}
