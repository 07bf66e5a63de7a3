import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';

export interface StartScriptsProps {
  /** Name of the ConfigMap. */
  readonly name: string;
  /** Script text by file name. */
  readonly files: Readonly<Record<string, string>>;
}

/** The shell files that start the engines, as pods mount them. */
export class StartScripts extends Construct {
  constructor(scope: Construct, id: string, props: StartScriptsProps) {
    super(scope, id);
    new k8s.KubeConfigMap(this, 'config-map', {
      metadata: { name: props.name },
      data: { ...props.files },
    });
  }
}
