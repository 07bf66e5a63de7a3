import { Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { ApiKey, type ApiKeyProps } from './api-key.ts';
import { ApiServices, type ApiServicesProps } from './api-services.ts';
import { EngineGroup, type EngineGroupProps } from './engine-group.ts';
import { instanceLabels } from './labels.ts';
import { NetworkPolicies, type NetworkPoliciesProps } from './network-policies.ts';
import { Observability, type ObservabilityProps } from './observability.ts';
import { StartScripts, type StartScriptsProps } from './start-scripts.ts';

export interface ServingChartProps {
  /** Name of the deployment, prefix of every object. */
  readonly instance: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly startScripts: StartScriptsProps;
  /** @default - the Secret of the API key is somebody else's, or there is none */
  readonly apiKey?: ApiKeyProps;
  readonly api: Omit<ApiServicesProps, 'instance'>;
  readonly network: Omit<NetworkPoliciesProps, 'instance'>;
  readonly groups: readonly Omit<EngineGroupProps, 'instance'>[];
  readonly observability: Omit<ObservabilityProps, 'instance'>;
}

/** Everything of one deployment inside its namespace. */
export class ServingChart extends Chart {
  constructor(scope: Construct, id: string, props: ServingChartProps) {
    const { instance } = props;
    super(scope, id, {
      namespace: props.namespace,
      labels: instanceLabels(instance),
      disableResourceNameHashes: true,
    });
    new k8s.KubeServiceAccount(this, 'service-account', {
      metadata: { name: props.serviceAccount },
      automountServiceAccountToken: false,
    });
    if (props.apiKey !== undefined) new ApiKey(this, 'api-key', props.apiKey);
    new StartScripts(this, 'start-scripts', props.startScripts);
    new ApiServices(this, 'api', { ...props.api, instance });
    new NetworkPolicies(this, 'network', { ...props.network, instance });
    new Observability(this, 'observability', { ...props.observability, instance });
    for (const group of props.groups) {
      new EngineGroup(this, `group-${group.group}`, { ...group, instance });
    }
  }
}
