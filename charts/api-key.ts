import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { metadataKeys } from './labels.ts';

export interface ApiKeyProps {
  /** Name of the Secret. */
  readonly name: string;
  /** Key inside it. */
  readonly key: string;
}

/**
 * The Secret of the API key, without the key: `apply` fills in a random one, once, as another field
 * manager, so that the value is in no manifest, no plan and no diff.
 */
export class ApiKey extends Construct {
  constructor(scope: Construct, id: string, { name, key }: ApiKeyProps) {
    super(scope, id);
    new k8s.KubeSecret(this, 'secret', {
      metadata: {
        name,
        annotations: {
          [metadataKeys.generatedKey]: key,
          [metadataKeys.description]:
            'API key of the endpoint; made by dsdeploy apply when the key is absent',
        },
      },
      type: 'Opaque',
    });
  }
}
