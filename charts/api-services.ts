import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { metadataKeys, servingSelector } from './labels.ts';

export interface ApiServicesProps {
  readonly instance: string;
  /** Port clients call. */
  readonly port: number;
  /** Name of the container port that serves the API. */
  readonly targetPortName: string;
}

/**
 * The Service clients call, and its headless sibling whose DNS name lists the ready pods, for
 * routers and for checking one copy at a time.
 *
 * Neither may be called `vllm`: service links would set VLLM_PORT to a URL in every pod of the
 * namespace, and vLLM refuses to start with it (vllm#34199).
 */
export class ApiServices extends Construct {
  constructor(scope: Construct, id: string, props: ApiServicesProps) {
    super(scope, id);
    const ports = [
      {
        name: props.targetPortName,
        port: props.port,
        protocol: 'TCP',
        appProtocol: 'http',
        targetPort: k8s.IntOrString.fromString(props.targetPortName),
      },
    ];
    const selector = servingSelector(props.instance);
    new k8s.KubeService(this, 'api', {
      metadata: {
        name: `${props.instance}-api`,
        annotations: {
          [metadataKeys.description]:
            'OpenAI-compatible API: every ready pod that serves it, in every serving group',
        },
      },
      spec: { type: 'ClusterIP', selector, ports },
    });
    new k8s.KubeService(this, 'leaders', {
      metadata: {
        name: `${props.instance}-leaders`,
        annotations: {
          [metadataKeys.description]: 'One DNS address per ready pod that serves the API',
        },
      },
      spec: {
        type: 'ClusterIP',
        clusterIp: 'None',
        publishNotReadyAddresses: false,
        selector,
        ports,
      },
    });
  }
}
