/** Resources kwok reads its behaviour from. Exec is left out: it would run commands on the host. */
const enabledCrds = ['Stage', 'Logs', 'ClusterLogs', 'PortForward', 'ClusterPortForward'];

/** Configuration file of kwok, which plays the kubelet of every node. */
export function kwokConfiguration(): object {
  return {
    apiVersion: 'config.kwok.x-k8s.io/v1alpha1',
    kind: 'KwokConfiguration',
    options: {
      cidr: '10.244.0.0/16',
      manageAllNodes: true,
      enableCRDs: enabledCrds,
      // Without it `kubectl logs` and port-forward answer 405.
      enableDebuggingHandlers: true,
      // All three are 0 unless set, which kwok then refuses.
      nodePlayStageParallelism: 4,
      podPlayStageParallelism: 4,
      nodeLeaseParallelism: 4,
      nodeLeaseDurationSeconds: 40,
      enablePodsOnNodeSyncStreamWatch: true,
      enablePodsOnNodeSyncListPager: false,
    },
  };
}
