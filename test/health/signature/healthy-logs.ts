/**
 * Start-ups that succeed, with everything that merely looks bad: hand-made from the lines of each
 * engine, after vllm-project/vllm-ascend#9564, vllm-project/vllm#42314, sgl-project/sglang#12978.
 */
export const healthyVllm = `INFO 11-24 10:00:01 [utils.py:253] non-default args: {'headless': False, 'port': 8000}
(APIServer pid=1) INFO 11-24 10:00:05 [model.py:545] Resolved architecture: DeepseekV32ForCausalLM
(APIServer pid=1) WARNING 11-24 10:00:05 [envs.py:12] Unknown vLLM environment variable detected: VLLM_FOO
(EngineCore_DP0 pid=101) INFO 11-24 10:00:20 [core.py:95] Waiting for init message from front-end.
(EngineCore_DP1 pid=102) INFO 11-24 10:00:22 [parallel_state.py:1208] world_size=16 rank=1 local_rank=1 distributed_init_method=tcp://10.1.0.4:29500 backend=nccl
deepseek-main-0:101:101 [0] NCCL INFO Bootstrap: Using eth0:10.1.0.4<0>
deepseek-main-0:101:260 [0] NCCL INFO NET/IB : Using [0]mlx5_0:1/RoCE [1]mlx5_1:1/RoCE [RO]; OOB eth0:10.1.0.4<0>
deepseek-main-0:101:260 [0] NCCL INFO Using network IB
[Gloo] Rank 0 is connected to 15 peer ranks. Expected number of connected peer ranks is : 15
(EngineCore_DP0 pid=101) INFO 11-24 10:00:30 [gpu_model_runner.py:3100] Starting to load model /models/DeepSeek-V3.2...
Loading safetensors checkpoint shards:   0% Completed | 0/163 [00:00<?, ?it/s]
Loading safetensors checkpoint shards:  37% Completed | 60/163 [02:18<04:33,  2.65s/it]
Loading safetensors checkpoint shards: 100% Completed | 163/163 [06:31<00:00,  2.40s/it]
(EngineCore_DP0 pid=101) INFO 11-24 10:07:10 [default_loader.py:308] Loading weights took 391.20 seconds
(EngineCore_DP0 pid=101) INFO 11-24 10:07:15 [gpu_model_runner.py:3190] Model loading took 88.6113 GiB memory and 404.511 seconds
(EngineCore_DP0 pid=101) INFO 11-24 10:08:15 [shm_broadcast.py:681] No available shared memory broadcast block found in 60 seconds. This typically happens when some processes are hanging or doing some time-consuming work (e.g. compilation, weight/kv cache quantization).
DeepGEMM warmup: 100%|##########| 4716/4716 [03:08<00:00, 25.06it/s]
(EngineCore_DP0 pid=101) INFO 11-24 10:10:40 [monitor.py:34] torch.compile takes 41.20 s in total
(EngineCore_DP0 pid=101) INFO 11-24 10:10:52 [gpu_worker.py:298] Available KV cache memory: 30.14 GiB
(EngineCore_DP0 pid=101) INFO 11-24 10:10:53 [kv_cache_utils.py:1087] GPU KV cache size: 812,992 tokens
Capturing CUDA graphs (decode, FULL): 100%|##########| 35/35 [00:21<00:00,  1.60it/s]
(EngineCore_DP0 pid=101) INFO 11-24 10:11:20 [gpu_model_runner.py:4023] Graph capturing finished in 28 secs, took 1.52 GiB
(APIServer pid=1) INFO:     Application startup complete.
(APIServer pid=1) INFO:     10.1.0.9:51234 - "POST /v1/chat/completions HTTP/1.1" 200 OK`;

export const healthySglang = `[2026-11-24 10:00:02] server_args=ServerArgs(model_path='/models/DeepSeek-V3.2', tp_size=16, dist_timeout=None, watchdog_timeout=300)
[2026-11-24 10:00:20 TP3] Init torch distributed begin.
[2026-11-24 10:00:31 TP3] Init torch distributed ends. mem usage=1.42 GB
[2026-11-24 10:00:32 TP3] Load weight begin. avail mem=137.20 GB
Loading safetensors checkpoint shards:  88% Completed | 144/163 [05:01<00:40,  2.11s/it]
[2026-11-24 10:06:40 TP3] Load weight end. type=DeepseekV32ForCausalLM, dtype=torch.bfloat16, avail mem=93.10 GB, mem usage=44.10 GB.
[2026-11-24 10:06:41 TP3] KV Cache is allocated. #tokens: 743316, KV size: 48.03 GB
[2026-11-24 10:06:41 TP3] Memory pool end. avail mem=20.35 GB
[2026-11-24 10:06:42 TP3] Capture cuda graph begin. This can take up to several minutes. avail mem=20.17 GB
Capturing batches (bs=1 avail_mem=18.10 GB): 100%|##########| 23/23 [00:41<00:00]
[2026-11-24 10:07:25 TP3] Capture cuda graph end. Time elapsed: 42.91 s. mem usage=2.07 GB. avail mem=18.10 GB.
[2026-11-24 10:07:26 TP0] max_total_num_tokens=743316, chunked_prefill_size=8192, context_len=131072
[2026-11-24 10:07:40] The server is fired up and ready to roll!`;

export const healthyAscend = `INFO 11-24 10:00:01 [__init__.py:36] Available plugins for group vllm.platform_plugins: ascend
(APIServer pid=1) INFO 11-24 10:00:05 [model.py:545] Resolved architecture: DeepseekV32ForCausalLM
(Worker_DP0_TP0_EP0 pid=301) INFO 11-24 10:00:40 [parallel_state.py:1208] world_size=16 rank=0 local_rank=0 distributed_init_method=tcp://10.1.0.4:29500 backend=hccl
Loading safetensors checkpoint shards: 100% Completed | 163/163 [09:31<00:00,  3.50s/it]
(Worker_DP0_TP0_EP0 pid=301) INFO 11-24 10:10:15 [model_runner_v1.py:3190] Model loading took 42.6113 GB
[rank6]:[W511 11:38:06.006805438 compiler_depend.ts:207] Warning: Waiting for pending NCCL work to finish before starting graph capture. (function operator())
(Worker_DP0_TP0_EP0 pid=301) INFO 11-24 10:10:53 [kv_cache_utils.py:1087] NPU KV cache size: 212,992 tokens
Capturing ACL graphs (decode, FULL): 100%|##########| 25/25 [01:21<00:00,  3.28s/it]
(APIServer pid=1) INFO:     Application startup complete.`;
