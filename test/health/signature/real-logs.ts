import type { EngineId } from '../../../src/catalog/index.ts';

/** What several pods of one group wrote when it failed, as engines of the covered releases write it. */
export interface RealLog {
  readonly what: string;
  readonly engine: EngineId;
  /** Where the output was reported; names, addresses and numbers are others here. */
  readonly like: string;
  /** By worker index; seconds of the kubelet's clock before each line. */
  readonly pods: Readonly<Record<number, readonly (readonly [second: number, text: string])[]>>;
  readonly code: string;
  /** Worker index of the pod to blame. */
  readonly worker: number;
  readonly rank?: string;
  /** Part of one of the three lines. */
  readonly shows: string;
}

const vllm = 'https://github.com/vllm-project/vllm';
const sglang = 'https://github.com/sgl-project/sglang';
const ascend = 'https://github.com/vllm-project/vllm-ascend';

type Lines = readonly (readonly [number, string])[];

/** The many lines of a traceback between its head and its error. */
function frames(second: number, prefix: string, count: number): Lines {
  return Array.from(
    { length: count },
    (_, index) =>
      [second, `${prefix}  File "/usr/lib/python3.12/x${index}.py", line ${index}, in f`] as const,
  );
}

/** How vLLM tells that a worker failed: the worker, its core, and the front end. */
function vllmFailure(second: number, worker: string, error: string): Lines {
  const at = (prefix: string): string => `(${prefix}) ERROR 11-24 10:00:00 [x.py:7] `;
  const [, dataRank = '0'] = /DP(\d+)/.exec(worker) ?? [];
  const core = `EngineCore_DP${dataRank} pid=40`;
  return [
    [second, `${at(`${worker} pid=41`)}WorkerProc failed to start.`],
    [second, `${at(`${worker} pid=41`)}Traceback (most recent call last):`],
    ...frames(second, at(`${worker} pid=41`), 40),
    [second, `${at(`${worker} pid=41`)}${error}`],
    [second + 1, `${at(core)}EngineCore failed to start.`],
    [second + 1, `${at(core)}Traceback (most recent call last):`],
    ...frames(second + 1, at(core), 20),
    [
      second + 1,
      `${at(core)}Exception: WorkerProc initialization failed due to an exception in a background process. See stack trace for root cause.`,
    ],
    [
      second + 2,
      "(APIServer pid=1) RuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {'EngineCore_DP0': 1}",
    ],
  ];
}

function sglangFailure(second: number, rank: string, error: string): Lines {
  return [
    [
      second,
      `[2026-11-24 10:00:00 ${rank}] Scheduler hit an exception: Traceback (most recent call last):`,
    ],
    ...frames(second, '', 12),
    [second, error],
    [second, ''],
    [
      second + 1,
      '[2026-11-24 10:00:01] Received sigquit from a child process. It usually means the child failed.',
    ],
  ];
}

const storeDied: Lines = [
  [
    31,
    '[rank9]:[W1124 10:00:31.905768298 TCPStore.cpp:125] [c10d] recvValue failed on SocketImpl(fd=99, addr=[::ffff:10.1.0.5]:38760, remote=[::ffff:10.1.0.4]:42643): Failed to recv, got 0 bytes. Connection was likely closed. Did the remote server shutdown or crash?',
  ],
  [
    32,
    '[rank9]:[W1124 10:00:32.000000001 ProcessGroupNCCL.cpp:1783] [PG ID 0 PG GUID 0 Rank 9] Failed to check the "should dump" flag on TCPStore',
  ],
];

/** Failures reported for multi-node starts of these engines, each with what the other pods say. */
export const realLogs: readonly RealLog[] = [
  {
    what: 'NCCL gives no reason, and NCCL WARN above does',
    engine: 'vllm',
    like: `${sglang}/issues/6017`,
    pods: {
      0: storeDied,
      1: [
        [
          10,
          '(Worker_DP8_EP8 pid=41) INFO 11-24 10:00:10 [pynccl.py:103] vLLM is using nccl==2.28.9',
        ],
        [
          20,
          'v32-0-1:141:141 [0] misc/socket.cc:484 NCCL WARN socketStartConnect: Connect to 169.254.20.10<43369> failed : Software caused connection abort',
        ],
        [20, 'v32-0-1:141:141 [0] NCCL INFO bootstrap.cc:285 -> 2'],
        ...vllmFailure(
          21,
          'Worker_DP8_EP8',
          'RuntimeError: NCCL error: unhandled system error (run with NCCL_DEBUG=INFO for details)',
        ),
      ],
    },
    code: 'nccl-connect',
    worker: 1,
    shows: '169.254.20.10',
  },
  {
    what: 'NCCL gives no reason at all',
    engine: 'vllm',
    like: 'https://github.com/gpustack/gpustack/issues/2680',
    pods: {
      0: vllmFailure(
        21,
        'Worker_DP2_EP2',
        'RuntimeError: NCCL error: unhandled system error (run with NCCL_DEBUG=INFO for details)',
      ),
      1: storeDied,
    },
    code: 'nccl-failed',
    worker: 0,
    rank: 'DP2',
    shows: 'unhandled system error',
  },
  {
    what: 'the head died and the headless worker only tells of it',
    engine: 'vllm',
    like: `${vllm}/issues/32136`,
    pods: {
      0: [[30, '(APIServer pid=1) INFO 11-24 10:00:30 [launcher.py:110] Shutting down']],
      1: storeDied,
    },
    code: 'peer-lost',
    worker: 1,
    rank: 'rank 9',
    shows: 'Connection was likely closed',
  },
  {
    what: 'the directory of the weights is empty',
    engine: 'vllm',
    like: `${vllm}/issues/22043`,
    pods: {
      0: [
        [5, '(APIServer pid=1) Traceback (most recent call last):'],
        ...frames(5, '(APIServer pid=1) ', 20),
        [
          5,
          '(APIServer pid=1) pydantic_core._pydantic_core.ValidationError: 1 validation error for ModelConfig',
        ],
        [
          5,
          "(APIServer pid=1)   Value error, Invalid repository ID or local directory specified: '/models/DeepSeek-V3.2'.",
        ],
        [5, '(APIServer pid=1) Please verify the following requirements:'],
      ],
      1: [],
    },
    code: 'model-path-missing',
    worker: 0,
    shows: 'Invalid repository ID',
  },
  {
    what: 'the release does not know the model',
    engine: 'vllm',
    like: `${sglang}/issues/14365`,
    pods: {
      0: [
        [
          5,
          '(APIServer pid=1) pydantic_core._pydantic_core.ValidationError: 1 validation error for ModelConfig',
        ],
        [
          5,
          '(APIServer pid=1)   Value error, The checkpoint you are trying to load has model type `deepseek_v32` but Transformers does not recognize this architecture.',
        ],
      ],
    },
    code: 'model-unsupported',
    worker: 0,
    shows: 'deepseek_v32',
  },
  {
    what: 'arguments contradict each other',
    engine: 'vllm',
    like: `${vllm}/issues/13510`,
    pods: {
      0: [
        [
          5,
          '(APIServer pid=1) pydantic_core._pydantic_core.ValidationError: 1 validation error for ParallelConfig',
        ],
        [
          5,
          '(APIServer pid=1)   Value error, num_redundant_experts is set to 32 but EPLB is not enabled. [type=value_error]',
        ],
      ],
    },
    code: 'config-rejected',
    worker: 0,
    shows: 'EPLB is not enabled',
  },
  {
    what: 'a kernel reads where it may not',
    engine: 'vllm',
    like: 'https://github.com/SystemPanic/vllm-windows/issues/72',
    pods: {
      0: storeDied,
      1: vllmFailure(
        25,
        'Worker_DP11_TP0_EP11',
        'torch.AcceleratorError: CUDA error: an illegal memory access was encountered',
      ),
    },
    code: 'kernel-fault',
    worker: 1,
    rank: 'DP11 TP0',
    shows: 'illegal memory access',
  },
  {
    what: 'an error nobody knows, while the others wait for the rank',
    engine: 'vllm',
    like: `${vllm}/issues/26898`,
    pods: {
      0: [
        [
          640,
          '[rank3]:[E1124 10:10:40.321 ProcessGroupNCCL.cpp:685] [Rank 3] Watchdog caught collective operation timeout: WorkNCCL(SeqNum=9, OpType=ALLREDUCE, Timeout(ms)=600000) ran for 600022 milliseconds before timing out.',
        ],
      ],
      1: vllmFailure(25, 'Worker_DP12_EP12', 'ValueError: expert map of layer 7 holds 17 of 16'),
    },
    code: 'engine-failed',
    worker: 1,
    rank: 'DP12',
    shows: 'expert map of layer 7',
  },
  {
    what: 'no memory of the device while weights load, and all ranks say so in turn',
    engine: 'sglang',
    like: `${sglang}/issues/5285`,
    pods: {
      0: [
        [1, '[2026-11-24 10:00:01 TP0] Load weight begin. avail mem=138.91 GB'],
        [
          2,
          'Loading safetensors checkpoint shards:   4% Completed | 7/163 [00:02<00:50,  3.11it/s]',
        ],
        ...sglangFailure(
          30,
          'TP5',
          'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 896.00 MiB. GPU 5 has a total capacity of 139.80 GiB of which 310.00 MiB is free.',
        ),
        ...sglangFailure(
          31,
          'TP2',
          'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 896.00 MiB. GPU 2 has a total capacity of 139.80 GiB of which 310.00 MiB is free.',
        ),
      ],
      1: sglangFailure(
        33,
        'TP11',
        'RuntimeError: [/pytorch/third_party/gloo/gloo/transport/tcp/pair.cc:534] Connection closed by peer [10.1.0.4]:30171',
      ),
    },
    code: 'oom-load',
    worker: 0,
    shows: 'Tried to allocate 896.00 MiB',
  },
  {
    what: 'one rank did not load in time',
    engine: 'sglang',
    like: `${sglang}/issues/4503`,
    pods: {
      0: [
        ...sglangFailure(
          900,
          'TP1',
          "ValueError: TP rank 1 could finish the model loading, but there are other ranks that didn't finish loading. It is likely due to unexpected failures (e.g., OOM) or a slow node.",
        ),
      ],
      1: [
        [1, '[2026-11-24 10:00:01 TP8] Load weight begin. avail mem=138.91 GB'],
        [40, 'OSError: [Errno 116] Stale file handle'],
      ],
    },
    code: 'storage-fault',
    worker: 1,
    shows: 'Stale file handle',
  },
  {
    what: 'the store of the ranks waited half an hour',
    engine: 'sglang',
    like: `${sglang}/issues/3398`,
    pods: {
      0: [
        [
          1800,
          '[rank3]:[W1124 10:30:00.444220068 socket.cpp:487] [c10d] waitForInput: socket SocketImpl(fd=103, addr=[::ffff:10.1.0.4]:52362, remote=[::ffff:10.1.0.4]:5000) timed out after 1800000ms',
        ],
        ...sglangFailure(
          1801,
          'TP5',
          'torch.distributed.DistStoreError: wait timeout after 1800000ms, keys: /default_pg/0//cpu//0/5',
        ),
      ],
      1: [[1, '[2026-11-24 10:00:01 TP8] Init torch distributed begin.']],
    },
    code: 'group-incomplete',
    worker: 0,
    rank: 'rank 3',
    shows: 'timed out after 1800000ms',
  },
  {
    what: 'a rank fell out of a barrier and names another',
    engine: 'sglang',
    like: `${sglang}/issues/5602`,
    pods: {
      0: [
        [
          43,
          '[rank3]:[E1124 10:00:43.426633564 ProcessGroupGloo.cpp:143] Rank 3 successfully reached monitoredBarrier, but received errors while waiting for send/recv from rank 0. Please check rank 0 logs for faulty rank.',
        ],
      ],
      1: [],
    },
    code: 'peer-lost',
    worker: 0,
    rank: 'rank 3',
    shows: 'check rank 0 logs',
  },
  {
    what: 'the kernel of the node ended a scheduler',
    engine: 'sglang',
    like: `${sglang}/issues/23602`,
    pods: {
      0: [
        [80, 'Traceback (most recent call last):'],
        ...frames(80, '', 8),
        [
          80,
          'RuntimeError: Rank 3 scheduler died during initialization (exit code: -9). If exit code is -9 (SIGKILL), a common cause is the OS OOM killer. Run `dmesg -T | grep -i oom` to check.',
        ],
      ],
    },
    code: 'host-memory',
    worker: 0,
    shows: 'exit code: -9',
  },
  {
    what: 'a scheduler died of its own error, which stands above',
    engine: 'sglang',
    like: `${sglang}/issues/23602`,
    pods: {
      0: [
        ...sglangFailure(
          79,
          'TP3',
          'AssertionError: DeepSeek DSA needs page size 64, got 1 in x.py',
        ),
        [
          80,
          'RuntimeError: Rank 3 scheduler died during initialization (exit code: 255). If exit code is -9 (SIGKILL), a common cause is the OS OOM killer.',
        ],
      ],
    },
    code: 'engine-failed',
    worker: 0,
    rank: 'TP3',
    shows: 'needs page size 64',
  },
  {
    what: 'NVSHMEM finds no transport',
    engine: 'sglang',
    like: `${sglang}/issues/6017`,
    pods: {
      0: [
        [
          50,
          '/sgl-workspace/nvshmem/src/host/transport/transport.cpp:nvshmemi_transport_init:275: init failed for transport: IBGDA',
        ],
        [
          50,
          '/sgl-workspace/nvshmem/src/host/init/init.cu:995: non-zero status: 7 nvshmem detect topo failed',
        ],
        [
          50,
          '/sgl-workspace/nvshmem/src/host/init/init.cu:nvshmemi_check_state_and_init:1080: nvshmem initialization failed, exiting',
        ],
      ],
      1: storeDied,
    },
    code: 'deepep-failed',
    worker: 0,
    shows: 'detect topo failed',
  },
  {
    what: 'a port is taken, in the words of the newest PyTorch',
    engine: 'sglang',
    like: 'https://github.com/Ascend/sglang/issues/625',
    pods: {
      0: sglangFailure(
        12,
        'TP0',
        'torch.distributed.DistNetworkError: The server socket has failed to listen on any local network address. port: 42173, useIpv6: false, code: -98, name: EADDRINUSE, message: address already in use',
      ),
    },
    code: 'port-in-use',
    worker: 0,
    shows: 'port: 42173',
  },
  {
    what: 'HCCL fails without a code',
    engine: 'vllm-ascend',
    like: `${ascend}/issues/3367`,
    pods: {
      0: [
        [
          60,
          "(EngineCore_DP0 pid=384) ERROR 11-24 10:01:00 [core.py:708] RuntimeError: Worker failed with error 'create_config:build/CMakeFiles/torch_npu.dir/compiler_depend.ts:148 HCCL function error: hcclCommInitRootInfoConfig(numRanks, &rootInfo, rank, config, &(comm->hcclComm_)), error code is 1",
        ],
        [
          60,
          '(EngineCore_DP0 pid=384) ERROR 11-24 10:01:00 [core.py:708] [ERROR] 2026-11-24-10:01:00 (PID:1195, Device:0, RankID:-1) ERR02200 DIST call hccl api failed.',
        ],
        [
          71,
          '(EngineCore_DP0 pid=384) ERROR 11-24 10:01:11 [multiproc_executor.py:154] Worker proc VllmWorker-4 died unexpectedly, shutting down',
        ],
      ],
    },
    code: 'hccl-failed',
    worker: 0,
    shows: 'hcclCommInitRootInfoConfig',
  },
  {
    what: 'HCCL fails, and the code comes after',
    engine: 'vllm-ascend',
    like: `${ascend}/issues/5461`,
    pods: {
      0: [
        [
          130,
          '(Worker_DP0_TP2_EP2 pid=384) ERROR 11-24 10:02:10 [x.py:7] RuntimeError: createHCCLComm:torch_npu/csrc/distributed/HCCLUtils.cpp:140 HCCL function error: hcclCommInitRootInfoConfig, error code is 4',
        ],
        [
          130,
          '(Worker_DP0_TP2_EP2 pid=384) ERROR 11-24 10:02:10 [x.py:7] EI0006: [PID: 384] 2026-11-24-10:02:10.787.356 Getting socket times out. Reason: 1. The remote does not initiate a connect request.',
        ],
      ],
      1: [],
    },
    code: 'hccl-timeout',
    worker: 0,
    rank: 'DP0 TP2',
    shows: 'Getting socket times out',
  },
  {
    what: 'an AI core faults',
    engine: 'vllm-ascend',
    like: `${ascend}/issues/1127`,
    pods: {
      0: [
        [
          90,
          "[ASSERT] [CANN_VERSION : 9.1.0][TimeStamp : 0] gather_v3_base.h:137: Assertion `(0 <= val && val < this->gxSize_)' Index 4096 out of range[0 4096)!",
        ],
        [
          90,
          '[rank2]:[W1124 10:01:30.562926627 compiler_depend.ts:57] Warning: EZ9999: Inner Error!',
        ],
        [
          91,
          '(EngineCore_DP0 pid=9) ERROR 11-24 10:01:31 [core.py:588] EngineCore encountered a fatal error.',
        ],
      ],
    },
    code: 'kernel-fault',
    worker: 0,
    rank: 'rank 2',
    shows: 'Index 4096 out of range',
  },
  {
    what: 'the NPU is full while weights load',
    engine: 'vllm-ascend',
    like: `${ascend}/issues/2378`,
    pods: {
      0: vllmFailure(
        46,
        'Worker_DP0_TP3_EP3',
        'RuntimeError: NPU out of memory. Tried to allocate 450.00 MiB (NPU 3; 60.96 GiB total capacity; 60.30 GiB already allocated)',
      ),
    },
    code: 'oom-load',
    worker: 0,
    rank: 'DP0 TP3',
    shows: '450.00 MiB',
  },
  {
    what: 'the main process refuses its arguments with an assertion',
    engine: 'sglang',
    like: `${sglang}/issues/15385`,
    pods: {
      0: [
        [3, 'Traceback (most recent call last):'],
        ...frames(3, '', 9),
        [3, 'AssertionError: tp_size must be divisible by dp_size'],
      ],
    },
    code: 'uncaught-exception',
    worker: 0,
    shows: 'divisible by dp_size',
  },
];
