import type { EngineId } from '../../../src/catalog/index.ts';

export interface SignatureCase {
  readonly code: string;
  readonly engine: EngineId;
  /** `like`: program output as reported there, with names and numbers changed; else hand-made. */
  readonly like?: string;
  readonly log: string;
  /** Whether the log is of a container that ended. */
  readonly ended?: boolean;
  /** What the kubelet said instead of a log. */
  readonly message?: string;
}

const traceback = (error: string): string =>
  `Traceback (most recent call last):\n  File "/usr/lib/python3.12/x.py", line 12, in load\n    run()\n${error}`;

const loading =
  '(EngineCore_DP0 pid=9) INFO 11-24 10:00:30 [r.py:1] Starting to load model /models/x...\nLoading safetensors checkpoint shards:  12% Completed | 20/163 [00:40<05:01,  2.11s/it]\n';
const sized = `${loading}(EngineCore_DP0 pid=9) INFO 11-24 10:07:15 [r.py:2] Model loading took 88.61 GiB memory and 404.5 seconds\n`;
const capturing = `${sized}(EngineCore_DP0 pid=9) INFO 11-24 10:10:53 [k.py:3] GPU KV cache size: 812,992 tokens\nCapturing CUDA graphs (decode, FULL):  20%|##  | 7/35 [00:04<00:21]\n`;
const oom = (size: string): string =>
  `(EngineCore_DP3 pid=11) ERROR 11-24 10:11:02 [core.py:708] torch.OutOfMemoryError: CUDA out of memory. Tried to allocate ${size}. GPU 3 has a total capacity of 139.81 GiB of which 1.02 GiB is free.`;

/** One log excerpt per known failure at least. */
export const signatureCases: readonly SignatureCase[] = [
  {
    code: 'interface-loopback',
    engine: 'vllm',
    like: 'https://github.com/sgl-project/sglang/issues/3226',
    log: '[E ProcessGroupGloo.cpp:145] Gloo connectFullMesh failed with [../gloo/transport/tcp/pair.cc:150] Connection refused, remote=[127.0.1.1]:17308',
  },
  {
    code: 'interface-loopback',
    engine: 'sglang',
    log: 'pod-0:75:75 [0] NCCL INFO Bootstrap : Using lo:127.0.0.1<0>\npod-0:75:75 [0] NCCL INFO NET/Socket : Using [0]lo:127.0.0.1<0>',
  },
  {
    code: 'interface-missing',
    engine: 'vllm',
    log: traceback(
      'RuntimeError: [enforce fail at ../gloo/transport/tcp/device.cc:208] ifa != nullptr. Unable to find interface for: eth9',
    ),
  },
  {
    code: 'gloo-mesh-failed',
    engine: 'vllm',
    like: 'https://github.com/aws-samples/aws-do-eks/issues/50',
    log: 'RuntimeError: Gloo connectFullMesh failed with [../third_party/gloo/gloo/transport/tcp/pair.cc:144] no error',
  },
  {
    code: 'gloo-timeout',
    engine: 'vllm',
    log: 'RuntimeError: [../third_party/gloo/gloo/transport/tcp/unbound_buffer.cc:81] Timed out waiting 1800000ms for recv operation to complete',
  },
  {
    code: 'group-incomplete',
    engine: 'vllm',
    like: 'https://github.com/verl-project/verl/issues/849',
    log: '[E331 20:50:12.688 socket.cpp:1011] [c10d] The client socket has timed out after 600000ms while trying to connect to (deepseek-main-0.deepseek, 29500).',
  },
  {
    code: 'group-incomplete',
    engine: 'vllm',
    log: '(EngineCore_DP9 pid=12) RuntimeError: Did not receive response from front-end process within 5 minutes',
  },
  {
    code: 'nccl-timeout',
    engine: 'sglang',
    like: 'https://github.com/sgl-project/sglang/issues/3424',
    log: '[rank4]:[E210 02:06:33.321 ProcessGroupNCCL.cpp:616] [Rank 4] Watchdog caught collective operation timeout: WorkNCCL(SeqNum=1522789, OpType=_ALLGATHER_BASE, NumelIn=298960, NumelOut=4783360, Timeout(ms)=600000) ran for 600022 milliseconds before timing out.\n[rank4]:[E210 02:06:33.322 ProcessGroupNCCL.cpp:1834] [PG ID 2 PG GUID 3 Rank 4] Timeout at NCCL work: 1522789, last enqueued NCCL work: 1522789, last completed NCCL work: 1522788.',
  },
  {
    code: 'nccl-connect',
    engine: 'vllm',
    log: 'pod-1:88:190 [2] misc/socket.cc:484 NCCL WARN socketPollConnect: Connect to 10.1.0.4<41235> returned 113(No route to host) errno 115',
  },
  {
    code: 'hccl-timeout',
    engine: 'vllm-ascend',
    like: 'https://github.com/vllm-project/vllm-ascend/issues/5461',
    log: '[PID: 749] 2025-12-29-03:16:15.787.356 Get_Socket_Timeout(EI0006): Getting socket times out. Reason: 1. The remote does not initiate a connect request.\n        Solution: 3. Check the connectivity of the communication link between nodes. (For example, run hccn_tool -i $devid -tls -g)',
  },
  {
    code: 'hccl-port-in-use',
    engine: 'vllm-ascend',
    like: 'https://github.com/vllm-project/vllm-ascend/issues/1955',
    log: '[ERROR] HCCL(271,python3):2025-07-23-03:47:57.070.463 [hccl_socket.cc:100] [271][HcclSocket][Listen] socket type[1], listen on ip[192.168.20.160] and specific port[16666] fail.',
  },
  {
    code: 'hccl-wait-timeout',
    engine: 'vllm-ascend',
    log: 'EI0002: [PID: 88] 2025-12-29-03:16:15 The wait execution of the Notify register times out. Reason: The Notify register has not received the Notify record from remote rank [9].',
  },
  {
    code: 'rdma-no-locked-memory',
    engine: 'vllm',
    log: 'pod-0:75:305 [1] misc/ibvwrap.cc:262 NCCL WARN Call to ibv_reg_mr_iova2 failed with error Cannot allocate memory',
  },
  {
    code: 'rdma-unreachable',
    engine: 'vllm',
    like: 'https://github.com/NVIDIA/nccl/issues/1405',
    log: 'pod-0:3468:3905 [4] ib_plugin.c:1615 NCCL WARN NET/IB : Got completion from peer 10.216.210.236<54862> with status=12 opcode=0 len=0 vendor err 129 (Recv) localGid fd00::22 remoteGids fd00::1f',
  },
  {
    code: 'rdma-missing',
    engine: 'sglang',
    like: 'https://github.com/sgl-project/sglang/issues/3398',
    log: 'svc:75205:75205 [1] NCCL INFO NET/IB : No device found.\nsvc:75205:75205 [1] NCCL INFO NCCL_SOCKET_IFNAME set by environment to eth0\nsvc:75205:75205 [1] NCCL INFO NET/Socket : Using [0]eth0:11.130.1.53<0>\nsvc:75205:75205 [1] NCCL INFO Using network Socket',
  },
  {
    code: 'deepep-failed',
    engine: 'vllm',
    like: 'https://github.com/deepseek-ai/DeepEP/issues/38',
    log: '/build/nvshmem/src/modules/transport/ibrc/ibrc.cpp:1433: non-zero status: 7 ep_connect failed\n/build/nvshmem/src/host/init/init.cu:1007: non-zero status: 7 nvshmem setup connections failed',
  },
  {
    code: 'deepep-failed',
    engine: 'sglang',
    log: traceback('RuntimeError: DeepEP error: timeout (dispatch CPU)'),
  },
  {
    code: 'peer-lost',
    engine: 'vllm',
    log: 'RuntimeError: [../third_party/gloo/gloo/transport/tcp/pair.cc:553] Connection closed by peer [10.1.0.5]:34123',
  },
  {
    code: 'rank-hung',
    engine: 'vllm',
    log: '(EngineCore_DP0 pid=9) ERROR 11-24 11:00:00 [dump_input.py:69] TimeoutError: RPC call to sample_tokens timed out.',
  },
  {
    code: 'rank-hung',
    engine: 'sglang',
    log: '[2026-11-24 10:44:31 TP5] Scheduler watchdog timeout (self.watchdog_timeout=300, self.soft=False)',
  },
  { code: 'oom-load', engine: 'vllm', log: `${loading}${oom('3.50 GiB')}` },
  { code: 'oom-logits', engine: 'vllm', log: `${sized}${oom('7.88 GiB')}` },
  {
    code: 'oom-logits',
    engine: 'vllm',
    log: `${sized}RuntimeError: CUDA out of memory occurred when warming up sampler with 1024 dummy requests. Please try lowering max_num_seqs or gpu_memory_utilization when initializing the engine.`,
  },
  { code: 'oom-graph-capture', engine: 'vllm', log: `${capturing}${oom('448.00 MiB')}` },
  {
    code: 'oom-graph-capture',
    engine: 'sglang',
    like: 'https://github.com/sgl-project/sglang/issues/5285',
    log: '[2026-11-24 10:06:40 TP7] Load weight end. avail mem=21.33 GB, mem usage=70.1 GB.\n[2026-11-24 10:06:42 TP7] Capture cuda graph begin. This can take up to several minutes.\nException: Capture cuda graph failed: CUDA out of memory. Tried to allocate 448.00 MiB. GPU 7 has a total capacity of 95.00 GiB\nPossible solutions:\n1. set --mem-fraction-static to a smaller value (e.g., 0.8 or 0.7)',
  },
  {
    code: 'oom-serving',
    engine: 'vllm',
    log: `${capturing}(APIServer pid=1) INFO:     Application startup complete.\n${oom('2.00 GiB')}`,
  },
  {
    code: 'kv-cache-too-small',
    engine: 'vllm',
    log: `${sized}ValueError: To serve at least one request with the models's max seq len (163840), (10.12 GiB KV cache is needed, which is larger than the available KV cache memory (6.04 GiB).`,
  },
  {
    code: 'kv-cache-too-small',
    engine: 'sglang',
    log: 'RuntimeError: Not enough memory. Please try to increase --mem-fraction-static.',
  },
  {
    code: 'device-memory-taken',
    engine: 'vllm',
    log: 'ValueError: Free memory on device cuda:0 (54.42/139.81 GiB) on startup is less than desired GPU memory utilization (0.92, 128.63 GiB).',
  },
  {
    code: 'shm-full',
    engine: 'vllm',
    like: 'https://github.com/llm-d/llm-d/issues/352',
    log: '[2025-10-13 09:06:25] pod-0:3663:4044 [0] misc/shmutils.cc:129 NCCL WARN Error while creating shared memory segment /dev/shm/nccl-Ewjreo (size 33030528), error: No space left on device (28)\npod-0:3663:4044 [0] NCCL INFO proxy.cc:1336 -> 2',
  },
  {
    code: 'disk-full',
    engine: 'vllm',
    log: traceback(
      "OSError: [Errno 28] No space left on device: '/root/.cache/vllm/torch_compile_cache/x'",
    ),
  },
  { code: 'host-memory', engine: 'vllm', log: '', message: 'OOMKilled' },
  {
    code: 'npu-streams',
    engine: 'vllm-ascend',
    like: 'https://github.com/vllm-project/vllm-ascend/issues/8393',
    log: '(EngineCore pid=18) RuntimeError: capture_begin:compiler_depend.ts:214 NPU function error: c10_npu::acl::AclmdlRICaptureBegin, error code is 207005\n(EngineCore pid=18) EE9999[PID: 1802934] (EE9999):  [SqCqManage]Alloc sq cq fail, stream_id=1984, retCode=0x7020023.',
  },
  {
    code: 'npu-streams',
    engine: 'vllm-ascend',
    log: 'EL0009: [PID: 99] 2025-12-29-03:16:15 The stream resources of the device are used up.',
  },
  {
    code: 'weights-corrupt',
    engine: 'vllm',
    like: 'https://github.com/vllm-project/vllm/issues/14596',
    log: `${loading}${traceback('safetensors_rust.SafetensorError: Error while deserializing header: InvalidHeaderDeserialization')}`,
  },
  {
    code: 'weights-incomplete',
    engine: 'sglang',
    log: traceback(
      "FileNotFoundError: [Errno 2] No such file or directory: '/models/DeepSeek-V3.2/model-00012-of-000163.safetensors'",
    ),
  },
  {
    code: 'weights-incomplete',
    engine: 'vllm',
    log: traceback(
      "ValueError: Following weights were not initialized from checkpoint: {'model.layers.60.mlp.gate.weight'}",
    ),
  },
  {
    code: 'weights-other-model',
    engine: 'vllm',
    log: traceback(
      'AssertionError: Attempted to load weight (torch.Size([7168, 1536])) into parameter (torch.Size([7168, 768]))',
    ),
  },
  {
    code: 'weights-permission',
    engine: 'vllm',
    log: traceback(
      "PermissionError: [Errno 13] Permission denied: '/models/DeepSeek-V3.2/model-00001-of-000163.safetensors'",
    ),
  },
  {
    code: 'model-path-missing',
    engine: 'vllm',
    log: traceback(
      "huggingface_hub.errors.HFValidationError: Repo id must be in the form 'repo_name' or 'namespace/repo_name': '/models/DeepSeek-V3.2'. Use `repo_type` argument if needed.",
    ),
  },
  {
    code: 'offline-miss',
    engine: 'vllm',
    log: traceback(
      'huggingface_hub.errors.OfflineModeIsEnabled: Cannot reach https://huggingface.co/api/models/x: offline mode is enabled. To disable it, please unset the `HF_HUB_OFFLINE` environment variable.',
    ),
  },
  {
    code: 'tokenizer-missing',
    engine: 'vllm',
    log: traceback("OSError: Can't load tokenizer for '/models/DeepSeek-V3.2'."),
  },
  {
    code: 'template-missing',
    engine: 'vllm',
    log: 'ValueError: As of transformers v4.44, default chat template is no longer allowed, so you must provide a chat template if the tokenizer does not define one.',
  },
  {
    code: 'model-unsupported',
    engine: 'sglang',
    log: "ValueError: Model architectures ['DeepseekV32ForCausalLM'] are not supported for now.",
  },
  {
    code: 'path-permission',
    engine: 'vllm',
    log: traceback("PermissionError: [Errno 13] Permission denied: '/.cache/flashinfer'"),
  },
  {
    code: 'flag-rejected',
    engine: 'vllm',
    log: 'usage: vllm serve [model_tag] [options]\nvllm: error: unrecognized arguments: --enable-expert-paralel',
  },
  {
    code: 'flag-rejected',
    engine: 'sglang',
    log: "launch_server.py: error: argument --kv-cache-dtype: invalid choice: 'fp9' (choose from auto, fp8_e4m3)",
  },
  {
    code: 'config-mismatch',
    engine: 'vllm',
    log: 'RuntimeError: Configuration mismatch detected for engine 9. All DP workers must have identical configurations for parameters that affect collective communication (e.g., enable_eplb, eplb_config.log_balancedness). Worker hash: 1a, Expected hash: 2b.',
  },
  {
    code: 'version-mismatch',
    engine: 'vllm',
    log: 'pod-1:88:190 [2] misc/socket.cc:58 NCCL WARN Message truncated : received 1024 bytes instead of 256',
  },
  {
    code: 'headless-mismatch',
    engine: 'vllm',
    log: 'RuntimeError: Remote engine 12 must use --headless unless in external or hybrid dp lb mode',
  },
  {
    code: 'engine-ready-timeout',
    engine: 'vllm',
    log: `${loading}TimeoutError: Timed out waiting for engine core processes to start. This is often caused by slow weight loading for large models. Waited 600s (configured by VLLM_ENGINE_READY_TIMEOUT_S).`,
  },
  {
    code: 'probe-killed',
    engine: 'vllm',
    log: `${loading}(APIServer pid=1) KeyboardInterrupt: terminated`,
  },
  {
    code: 'service-link-port',
    engine: 'vllm',
    log: traceback(
      "ValueError: VLLM_PORT 'tcp://10.96.0.7:8000' appears to be a URI. This may be caused by a Kubernetes service discovery issue",
    ),
  },
  {
    code: 'port-in-use',
    engine: 'vllm',
    log: '[W socket.cpp:558] [c10d] The server socket has failed to bind to [::]:29500 (errno: 98 - Address already in use).',
  },
  {
    code: 'driver-too-old',
    engine: 'vllm',
    like: 'https://github.com/NVIDIA/nvidia-container-toolkit/issues/152',
    log: '',
    message:
      'failed to create containerd task: OCI runtime create failed: nvidia-container-cli: requirement error: unsatisfied condition: cuda>=12.9, please update your driver to a newer version, or use an earlier cuda container: unknown',
  },
  {
    code: 'device-absent',
    engine: 'vllm',
    log: traceback('RuntimeError: No CUDA GPUs are available'),
  },
  {
    code: 'device-absent',
    engine: 'vllm-ascend',
    log: traceback(
      'ImportError: libascend_hal.so: cannot open shared object file: No such file or directory',
    ),
  },
  {
    code: 'device-fault',
    engine: 'vllm',
    log: '(EngineCore_DP5 pid=19) ERROR 11-24 12:00:00 [core.py:708] torch.AcceleratorError: CUDA error: uncorrectable ECC error encountered',
  },
  {
    code: 'library-missing',
    engine: 'vllm',
    log: traceback(
      'ImportError: /usr/lib/python3.12/dist-packages/deep_ep_cpp.so: undefined symbol: _ZN3c105ErrorC2E',
    ),
  },
  {
    code: 'kernel-fault',
    engine: 'vllm',
    log: 'Memory access fault by GPU node-3 (Agent handle: 0x55d) on address 0x7f0. Reason: Unknown.',
  },
  {
    code: 'storage-fault',
    engine: 'vllm',
    log: `${loading}${traceback('OSError: [Errno 5] Input/output error')}`,
  },
  {
    code: 'name-unresolved',
    engine: 'vllm',
    log: traceback('socket.gaierror: [Errno -2] Name or service not known'),
  },
  {
    code: 'config-rejected',
    engine: 'vllm',
    log: 'pydantic_core._pydantic_core.ValidationError: 1 validation error for VllmConfig',
  },
  {
    code: 'nccl-failed',
    engine: 'vllm',
    log: 'RuntimeError: NCCL error: internal error - please report this issue to the NCCL developers',
  },
  {
    code: 'hccl-failed',
    engine: 'vllm-ascend',
    log: '[ERROR] HCCL(36035,python3):2026-05-13-02:25:58 [op_base.cc:974] HcclCommInitRootInfo failed.',
  },
  {
    code: 'process-died',
    engine: 'sglang',
    log: 'Fatal Python error: Segmentation fault',
  },
  {
    code: 'engine-failed',
    engine: 'sglang',
    log: '[2026-11-24 10:00:00 TP1] Scheduler hit an exception: Traceback (most recent call last):\nZeroDivisionError: division by zero',
  },
  {
    code: 'uncaught-exception',
    engine: 'sglang',
    ended: true,
    log: traceback('ZeroDivisionError: division by zero'),
  },
];
