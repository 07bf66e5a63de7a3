/** Public scanners that judge the manifests and the pods made of them. */
export type Scanner = 'kube-score' | 'checkov';

/** A finding of a scanner that stays, with the reason. */
export interface ScannerWaiver {
  readonly scanner: Scanner;
  /** Name of the check in the scanner. */
  readonly check: string;
  /** Words of the finding, for checks that say several things. */
  readonly finding?: string;
  readonly reason: string;
}

const rootReason =
  'only pods that `plan` lists as a security exception run as root: devices of AMD and Huawei belong to groups whose numbers differ between nodes, and Kubernetes gives an added capability (IPC_LOCK for RDMA) only to root';

const userReason = `root (${rootReason}), or 2000, the user that the CUDA images of vLLM carry, so that Python finds its name`;

const hostNetworkReason =
  'only where the site sets `fabric.hostNetwork`, and only for groups of several nodes; listed by `plan`; the API server makes each of their ports a port of the node';

const pullReason =
  'Always asks the registry at every start: a group could not come back while the registry is away. Images have a digest or a version tag, so a node never holds another image of that name';

const workerReason =
  'of workers only, which serve no HTTP: the leader fails its own probes when a worker is gone, and LeaderWorkerSet then makes the whole group again';

const writableReason =
  'only of pods that run as root: there compilers of the engines write into their own Python packages (aiter on ROCm) and into the working directory (CANN on Ascend); which paths was not checked on hardware. All other pods have a read-only root';

/**
 * What scanners find in the manifests and why it stays. A test judges every template and every
 * row of the matrix; it fails on a finding that is not here, and on an entry that fits nothing.
 */
export const scannerWaivers: readonly ScannerWaiver[] = [
  {
    scanner: 'kube-score',
    check: 'container-image-pull-policy',
    reason: pullReason,
  },
  {
    scanner: 'kube-score',
    check: 'container-security-context-readonlyrootfilesystem',
    reason: writableReason,
  },
  {
    scanner: 'kube-score',
    check: 'container-security-context-user-group-id',
    finding: 'The container is running with a low user ID',
    reason: userReason,
  },
  {
    scanner: 'kube-score',
    check: 'container-security-context-user-group-id',
    finding: 'The container running with a low group ID',
    reason: `group of root: ${rootReason}`,
  },
  {
    scanner: 'kube-score',
    check: 'pod-probes-identical',
    reason:
      'Both engines have one endpoint that fails when the engine is dead, /health; /v1/models and /metrics are answered without the engine. The probes differ in patience: readiness gives up in half a minute, liveness in three minutes (vLLM) or ten (SGLang)',
  },
  { scanner: 'checkov', check: 'CKV_K8S_15', reason: pullReason },
  {
    scanner: 'checkov',
    check: 'CKV_K8S_19',
    reason: hostNetworkReason,
  },
  { scanner: 'checkov', check: 'CKV_K8S_26', reason: hostNetworkReason },
  { scanner: 'checkov', check: 'CKV_K8S_22', reason: writableReason },
  { scanner: 'checkov', check: 'CKV_K8S_23', reason: rootReason },
  {
    scanner: 'checkov',
    check: 'CKV_K8S_25',
    reason:
      'only of pools with RDMA or NVSHMEM, each with its reason in `plan`: IPC_LOCK registers device memory with the network card, SYS_RAWIO maps its doorbells',
  },
  {
    scanner: 'checkov',
    check: 'CKV_K8S_35',
    reason:
      'The engines take their API key from a variable (vLLM) or an argument that names one (SGLang), and from no file',
  },
  {
    scanner: 'checkov',
    check: 'CKV_K8S_40',
    reason: userReason,
  },
  {
    scanner: 'checkov',
    check: 'CKV_K8S_43',
    reason:
      'The catalog names releases by tag, since a registry was not asked for digests; `plan` warns (IMAGE_BY_TAG), and `groups[].image` takes a digest',
  },
  { scanner: 'checkov', check: 'CKV_K8S_8', reason: workerReason },
  { scanner: 'checkov', check: 'CKV_K8S_9', reason: workerReason },
];
