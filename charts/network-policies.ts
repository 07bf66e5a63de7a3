import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { instanceSelector, metadataKeys, servingSelector } from './labels.ts';

/** Who may call the API, besides the pods of the same namespace. */
export type ApiPeer =
  | { readonly cidr: string }
  | {
      readonly namespaceLabels?: Readonly<Record<string, string>>;
      readonly podLabels?: Readonly<Record<string, string>>;
    };

export interface NetworkPoliciesProps {
  readonly instance: string;
  /** Container ports that serve the API. */
  readonly apiPorts: readonly number[];
  readonly apiPeers: readonly ApiPeer[];
  /** Names of groups whose pods use the host's network. */
  readonly hostNetworkGroups: readonly string[];
}

/** Address of a NodeLocal DNSCache, fixed by its own manifests; unused where none runs. */
const nodeLocalDns = '169.254.20.10/32';

/** Default deny both ways for all pods of a deployment, then DNS out and API clients in. */
export class NetworkPolicies extends Construct {
  constructor(scope: Construct, id: string, props: NetworkPoliciesProps) {
    super(scope, id);
    const { instance } = props;
    new k8s.KubeNetworkPolicy(this, 'default-deny', {
      metadata: {
        name: `${instance}-default-deny`,
        annotations: { [metadataKeys.description]: describeDeny(props.hostNetworkGroups) },
      },
      spec: {
        podSelector: { matchLabels: instanceSelector(instance) },
        policyTypes: ['Ingress', 'Egress'],
      },
    });
    new k8s.KubeNetworkPolicy(this, 'dns', {
      metadata: {
        name: `${instance}-dns`,
        annotations: {
          [metadataKeys.description]:
            'Workers look up their leader: DNS to kube-dns or CoreDNS in kube-system and to a NodeLocal DNSCache, nowhere else, so that names cannot carry data out',
        },
      },
      spec: {
        podSelector: { matchLabels: instanceSelector(instance) },
        policyTypes: ['Egress'],
        egress: [{ to: dnsPeers(), ports: [port(53, 'UDP'), port(53, 'TCP')] }],
      },
    });
    new k8s.KubeNetworkPolicy(this, 'api', {
      metadata: {
        name: `${instance}-api`,
        annotations: {
          [metadataKeys.description]:
            'API clients, scrapers of /metrics included: pods of this namespace and the peers of api.allowFrom',
        },
      },
      spec: {
        podSelector: { matchLabels: servingSelector(instance) },
        policyTypes: ['Ingress'],
        ingress: [
          {
            from: [{ podSelector: {} }, ...props.apiPeers.map(toPeer)],
            ports: props.apiPorts.map((number) => port(number, 'TCP')),
          },
        ],
      },
    });
  }
}

function describeDeny(hostNetworkGroups: readonly string[]): string {
  const deny =
    'Nothing in and nothing out of the pods of this deployment, unless another policy allows it';
  return hostNetworkGroups.length === 0
    ? deny
    : `${deny}. Not enforced for ${hostNetworkGroups.join(', ')}: NetworkPolicy does not cover pods on the host network`;
}

function dnsPeers(): k8s.NetworkPolicyPeer[] {
  return [
    {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
      podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
    },
    { ipBlock: { cidr: nodeLocalDns } },
  ];
}

function toPeer(peer: ApiPeer): k8s.NetworkPolicyPeer {
  if ('cidr' in peer) return { ipBlock: { cidr: peer.cidr } };
  const { namespaceLabels, podLabels } = peer;
  return {
    ...(namespaceLabels === undefined
      ? {}
      : { namespaceSelector: { matchLabels: { ...namespaceLabels } } }),
    ...(podLabels === undefined ? {} : { podSelector: { matchLabels: { ...podLabels } } }),
  };
}

function port(number: number, protocol: 'TCP' | 'UDP'): k8s.NetworkPolicyPort {
  return { port: k8s.IntOrString.fromNumber(number), protocol };
}
