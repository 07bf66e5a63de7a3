import { logCommand, type Signature, type SignatureContext } from './signature.ts';

const spansNodes = ({ podsPerGroup }: SignatureContext): boolean => podsPerGroup > 1;

const chooseInterface = ({ pool, namespace, pod }: SignatureContext): string =>
  `Set fabric.socketInterface of pool ${pool} to the interface that has the pod's address: \`kubectl exec ${pod} -n ${namespace} -- ip -brief address\`.`;

const readPeers = ({ namespace, group, pod }: SignatureContext): string =>
  `Look for the rank that stopped first, in the logs of the other pods of group ${group}: \`kubectl logs ${pod.replace(/(-\d+)-\d+$/, '$1')} -n ${namespace} --tail=200\`, then each worker.`;

const nccl = 'https://github.com/NVIDIA/nccl/issues';

/** Interfaces, time-outs and peers: what fails before or between the ranks. */
export const networkSignatures: readonly Signature[] = [
  {
    code: 'interface-loopback',
    engines: 'any',
    weight: 'fatal',
    pattern:
      /connectFullMesh failed.*\b127\.0\.|remote=\[?127\.0\.|Bootstrap ?: Using (?:\[\d\])?lo:127\.|NET\/Socket : Using \[0\]lo:127\./,
    support: /gloo|Gloo|Bootstrap|Connection refused/,
    when: spansNodes,
    meaning:
      'The ranks talk to each other over the loopback interface, which no other node can reach.',
    nextStep: chooseInterface,
    source: 'https://github.com/sgl-project/sglang/issues/3226',
  },
  {
    code: 'interface-missing',
    engines: 'any',
    weight: 'fatal',
    pattern:
      /Unable to find (?:address|interface) for: \S+|Bootstrap ?: no socket interface found|NCCL WARN No (?:socket )?interface found|HCCL_SOCKET_IFNAME.*(?:not found|is invalid)/,
    meaning: 'The network interface named for the ranks does not exist in the pod.',
    nextStep: chooseInterface,
    source: 'https://github.com/vllm-project/vllm/issues/7074',
  },
  {
    code: 'gloo-mesh-failed',
    engines: 'any',
    weight: 'fatal',
    pattern: /Gloo connectFullMesh failed/,
    unless: /\b127\.0\./,
    when: spansNodes,
    meaning: 'The ranks could not connect to each other over Gloo.',
    nextStep: chooseInterface,
    source: 'https://github.com/aws-samples/aws-do-eks/issues/50',
  },
  {
    code: 'gloo-timeout',
    engines: 'any',
    weight: 'fatal',
    pattern: /gloo.*Timed out waiting \d+ ?ms for (?:recv|send)|Gloo.*timed out/i,
    meaning: 'A rank waited for another over Gloo until the time was up.',
    nextStep: readPeers,
    source: 'https://github.com/vllm-project/vllm/pull/44428',
  },
  {
    code: 'group-incomplete',
    engines: 'any',
    weight: 'fatal',
    pattern:
      /DistStoreError: Timed out after \d+ seconds waiting for clients|\[c10d\] waitForInput.*timed out after \d+ ?ms|wait timeout after \d+ ?ms, keys|client socket has timed out after \d+ ?ms while trying to connect|Did not receive response from front-end\s*process within/,
    meaning:
      'The pods of the group did not find each other in time: one is missing or the leader cannot be reached.',
    nextStep: ({ namespace, group }) =>
      `Check that every pod of group ${group} runs and that no NetworkPolicy cuts them: \`kubectl get pods,networkpolicies -n ${namespace} -o wide\`.`,
    source: 'https://github.com/vllm-project/vllm (v1/engine/core.py, startup_handshake)',
  },
  {
    code: 'name-unresolved',
    engines: 'any',
    weight: 'fatal',
    pattern: /gaierror|Temporary failure in name resolution|Name or service not known/,
    // PyTorch tries again until the name is there.
    unless: /\[W|WARN|\(gai error|huggingface|retrying/i,
    meaning: 'The name of the leader could not be resolved.',
    nextStep: ({ namespace, pod }) =>
      `Check the headless Service and that DNS is let through: \`kubectl get services,networkpolicies -n ${namespace}\`, \`kubectl exec ${pod} -n ${namespace} -- getent hosts $LWS_LEADER_ADDRESS\`.`,
    source: 'https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/',
  },
  {
    code: 'nccl-timeout',
    engines: ['vllm', 'sglang'],
    weight: 'fatal',
    pattern: /Watchdog caught collective operation timeout/,
    support: /WorkNCCL|failure detected by watchdog|Timeout at NCCL work/,
    meaning:
      'A collective of NCCL did not finish in time: one rank stopped or fell behind, the others waited for it.',
    nextStep: readPeers,
    source: 'https://github.com/sgl-project/sglang/issues/3424',
  },
  {
    code: 'nccl-connect',
    engines: ['vllm', 'sglang'],
    weight: 'fatal',
    pattern:
      /socketPollConnect.*(?:returned|failed)|NCCL WARN.*[Cc]onnect to \S+ (?:failed|returned)|NCCL WARN.*[Cc]onnect to .*(?:No route to host|Connection timed out|Connection refused)/,
    // It tries 34 times and more while peers start.
    unless: /retrying|NCCL INFO/,
    meaning: 'NCCL could not open a connection to a peer.',
    nextStep: ({ pool, namespace }) =>
      `Check routes and NetworkPolicies between the nodes and fabric.socketInterface of pool ${pool}: \`kubectl get networkpolicies -n ${namespace}\`.`,
    source: `${nccl}/1405`,
  },
  {
    code: 'hccl-timeout',
    engines: ['vllm-ascend', 'sglang'],
    weight: 'fatal',
    pattern:
      /EI0006|Getting socket times out|wait socket establish timeout|HcclSocket.*timeout|hccl.*(?:connect|link).*timed? ?out/i,
    support: /EI0006|Solution:|LINK_ERROR_INFO|HCCL_CONNECT_TIMEOUT/,
    meaning: 'NPUs of two nodes could not open their HCCL connection in time.',
    nextStep: ({ group, node }) =>
      `Compare TLS and links on every node (${node ?? 'this one'} first): \`for i in 0 1 2 3 4 5 6 7; do hccn_tool -i $i -tls -g; hccn_tool -i $i -link -g; done\`; if all agree, raise HCCL_CONNECT_TIMEOUT in groups[${group}].extraEnv.`,
    source: 'https://github.com/vllm-project/vllm-ascend/issues/5461',
  },
  {
    code: 'hccl-port-in-use',
    engines: ['vllm-ascend', 'sglang'],
    weight: 'fatal',
    pattern: /EJ0003|\[HcclSocket\]\[Listen\].*fail/,
    meaning: 'A port HCCL wants on the node is taken, often by ranks of an earlier life.',
    nextStep: ({ group }) =>
      `End left-over processes on the node, or set HCCL_IF_BASE_PORT in groups[${group}].extraEnv.`,
    source: 'https://github.com/vllm-project/vllm-ascend/issues/1955',
  },
  {
    code: 'hccl-wait-timeout',
    engines: ['vllm-ascend', 'sglang'],
    weight: 'fatal',
    pattern: /EI0002|notify wait timed? ?out/i,
    meaning: 'A collective of HCCL did not finish in time: one NPU stopped, the others waited.',
    nextStep: readPeers,
    source: 'https://github.com/vllm-project/vllm-ascend/issues/2248',
  },
  {
    code: 'rdma-no-locked-memory',
    engines: 'any',
    weight: 'fatal',
    pattern: /ibv_(?:reg_mr\w*|create_cq|create_qp|reg_dmabuf_mr).*Cannot allocate memory/,
    meaning: 'RDMA may not lock memory in this pod.',
    nextStep: ({ pool, namespace, pod }) =>
      `See that the container keeps IPC_LOCK and runs as root, and raise the node's memlock limit: \`kubectl exec ${pod} -n ${namespace} -- sh -c 'ulimit -l'\` must say unlimited (pool ${pool}).`,
    source: 'https://docs.nvidia.com/deeplearning/nccl/user-guide/docs/troubleshooting.html',
  },
  {
    code: 'rdma-unreachable',
    engines: 'any',
    weight: 'fatal',
    pattern:
      /Got completion (?:from peer .* )?with (?:status=|error )1[23]\b|NCCL WARN.*ibv_modify_qp failed/,
    meaning: 'RDMA devices see each other but no packet arrives: wrong GID index, VLAN or rail.',
    nextStep: ({ pool, namespace, pod }) =>
      `Set fabric.rdma.gidIndex of pool ${pool} to the RoCE v2 row of \`kubectl exec ${pod} -n ${namespace} -- show_gids\`, then test with \`ib_write_bw\` between the nodes.`,
    source: `${nccl}/426`,
  },
  {
    code: 'rdma-missing',
    engines: ['vllm', 'sglang'],
    weight: 'degraded',
    pattern: /NET\/IB : No device found|Failed to open libibverbs|NCCL INFO Using network Socket/,
    support: /NET\/Socket : Using|Using network Socket/,
    when: ({ podsPerGroup, rdma }) => podsPerGroup > 1 && rdma,
    meaning: 'NCCL found no RDMA device and fell back to TCP sockets, many times slower.',
    nextStep: ({ pool, namespace, pod }) =>
      `Check fabric.rdma.resource and hcas of pool ${pool}: \`kubectl exec ${pod} -n ${namespace} -- ls /sys/class/infiniband /dev/infiniband\`.`,
    source: 'https://github.com/sgl-project/sglang/issues/3398',
  },
  {
    code: 'deepep-failed',
    engines: ['vllm', 'sglang'],
    weight: 'fatal',
    pattern:
      /DeepEP error:|DeepEP timeout check failed|nvshmem setup connections failed|NVSHMEM API called before NVSHMEM initialization|ibgda\w* failed on|deep_ep\.cpp.*(?:Assertion|CUDA error)|NVSHMEM.*(?:init failed|initialization failed)|nvshmem (?:detect topo failed|initialization failed)|aborting due to error in nvshmem|connect EPS failed/,
    support: /nvshmem|NVSHMEM|ibgda|ibv_/,
    meaning: 'DeepEP could not exchange tokens between the ranks: NVSHMEM or IBGDA failed.',
    nextStep: ({ group, node }) =>
      `Check on node ${node ?? 'NODE'} that the driver allows IBGDA (\`grep PeerMappingOverride /proc/driver/nvidia/params\`), or set groups[${group}].allToAll to allgather_reducescatter.`,
    source: 'https://github.com/deepseek-ai/DeepEP/issues/38',
  },
  {
    code: 'peer-lost',
    engines: 'any',
    weight: 'echo',
    pattern:
      /Connection closed by peer|ncclRemoteError|remote process exit(?:ed|ing)|Connection reset by peer.*gloo|gloo.*Connection reset by peer|\[c10d\] (?:recvValue|sendBytes|recvBytes)\w* failed|Did the remote server shutdown or crash|received errors while waiting for send\/recv from rank|there are other ranks that didn't finish loading/,
    meaning: 'A peer went away: the cause is in the log of another rank.',
    nextStep: readPeers,
    source: 'https://github.com/vllm-project/vllm/issues/32136',
  },
  {
    code: 'rank-hung',
    engines: 'any',
    weight: 'fatal',
    pattern:
      /RPC call to \w+ timed out|[Ss]cheduler watchdog timeout|Watchdog timeout \(self\.watchdog_timeout|EngineCore.*heartbeat.*lost/,
    meaning: 'A rank did not answer the process that drives it.',
    nextStep: (context) =>
      `Read what the rank did last: \`${logCommand(context)} --previous --tail=300\`; on the node look for XID errors with \`dmesg | grep -i xid\`.`,
    source: 'https://github.com/vllm-project/vllm/issues/48720',
  },
];
