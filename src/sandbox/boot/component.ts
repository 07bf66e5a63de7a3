/** Names of the programs that make up a sandbox. */
export type ComponentName =
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kubectl'
  | 'kwok'
  | 'lws-manager'
  | 'llm-d-inference-sim';

export interface Component {
  readonly name: ComponentName;
  /** Folder under `go/` whose `go.mod` and `go.sum` pin it. */
  readonly workspace: string;
  /** Main package that `go build` is given. */
  readonly package: string;
  readonly version: string;
  /** Cold build on two cores, measured; only told to the user, never used as a limit. */
  readonly buildSeconds: number;
  readonly ldflags: string;
}

export const kubernetesVersion = 'v1.36.3';

const stripped = '-s -w';

// Without these the binaries report "v0.0.0-master+$Format:%H$", which clients refuse to parse.
const kubernetesLdflags = [
  stripped,
  `-X k8s.io/component-base/version.gitVersion=${kubernetesVersion}`,
  '-X k8s.io/component-base/version.gitMajor=1',
  '-X k8s.io/component-base/version.gitMinor=36',
].join(' ');

function kubernetes(name: ComponentName, buildSeconds: number): Component {
  return {
    name,
    workspace: 'kubernetes',
    package: `k8s.io/kubernetes/cmd/${name}`,
    version: kubernetesVersion,
    buildSeconds,
    ldflags: kubernetesLdflags,
  };
}

/** In build order: the small one first, so that a broken toolchain shows within a minute. */
export const components: readonly Component[] = [
  {
    name: 'etcd',
    workspace: 'etcd',
    package: 'go.etcd.io/etcd/server/v3',
    version: 'v3.6.11',
    buildSeconds: 40,
    ldflags: stripped,
  },
  kubernetes('kube-apiserver', 180),
  kubernetes('kube-controller-manager', 70),
  kubernetes('kube-scheduler', 20),
  kubernetes('kubectl', 30),
  {
    name: 'kwok',
    workspace: 'kwok',
    package: 'sigs.k8s.io/kwok/cmd/kwok',
    version: 'v0.8.0',
    buildSeconds: 65,
    ldflags: stripped,
  },
  {
    name: 'lws-manager',
    workspace: 'lws',
    package: 'sigs.k8s.io/lws/cmd',
    version: 'v0.9.0',
    buildSeconds: 65,
    ldflags: stripped,
  },
  {
    name: 'llm-d-inference-sim',
    workspace: 'llm-sim',
    package: 'github.com/llm-d/llm-d-inference-sim/cmd/llm-d-inference-sim',
    version: 'v0.10.2',
    buildSeconds: 135,
    ldflags: stripped,
  },
];

/** YAML that lies in a component's Go module and that a boot needs. */
export interface ManifestSet {
  readonly name: ManifestSetName;
  readonly workspace: string;
  readonly module: string;
  /** Folders or files inside the module; the YAML files directly in a folder are copied. */
  readonly paths: readonly string[];
}

export type ManifestSetName = 'lws-crds' | 'lws-webhook' | 'kwok-crds' | 'kwok-stages';

export const manifestSets: readonly ManifestSet[] = [
  {
    name: 'lws-crds',
    workspace: 'lws',
    module: 'sigs.k8s.io/lws',
    paths: ['config/crd/bases'],
  },
  {
    name: 'lws-webhook',
    workspace: 'lws',
    module: 'sigs.k8s.io/lws',
    paths: ['config/webhook/manifests.yaml'],
  },
  {
    name: 'kwok-crds',
    workspace: 'kwok',
    module: 'sigs.k8s.io/kwok',
    paths: ['kustomize/crd/bases'],
  },
  {
    name: 'kwok-stages',
    workspace: 'kwok',
    module: 'sigs.k8s.io/kwok',
    paths: ['kustomize/stage/node/fast/node-initialize.yaml', 'kustomize/stage/volume/fast'],
  },
];
