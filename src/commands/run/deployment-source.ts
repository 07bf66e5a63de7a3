import type { ReadPorts } from '../../actions/read-spec.ts';
import { DsdeployError } from '../../errors/index.ts';
import type { DeploymentId } from '../../plan/index.ts';
import type { Spec } from '../../spec/index.ts';
import { nonEmpty, specOptions } from '../options/options.ts';
import type { SpecArgs } from './with-session.ts';

/** Options of commands about a deployment that was applied; they work without its spec too. */
export const deploymentOptions = {
  ...specOptions,
  name: {
    type: 'string',
    requiresArg: true,
    coerce: nonEmpty('name'),
    describe: 'Deployment of this name in --namespace; no spec is read',
  },
} as const;

export interface DeploymentArgs extends SpecArgs {
  readonly name?: string | undefined;
}

export interface DeploymentSource {
  readonly deployment: DeploymentId;
  /** Absent when the deployment was named. */
  readonly spec?: Spec;
}

/** Finds out which deployment is meant: by its name, or by the spec. */
export async function readDeployment(
  args: DeploymentArgs,
  ports: ReadPorts,
): Promise<DeploymentSource> {
  const { name, namespace } = args;
  if (name === undefined) {
    const { readSpec } = await import('../../actions/read-spec.ts');
    const spec = await readSpec(args, ports);
    return { deployment: { name: spec.name, namespace: spec.namespace }, spec };
  }
  if (namespace !== undefined) return { deployment: { name, namespace } };
  throw new DsdeployError('USAGE', 'Cannot find a deployment by its name alone', {
    subject: '--name',
    hint: 'Add --namespace NAMESPACE, or leave out --name to read the spec.',
  });
}

/** Reads the number of a revision from the command line. */
export function parseRevisionNumber(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new DsdeployError('USAGE', `Cannot use "${text}": it is not the number of a revision`, {
    subject: text,
    hint: 'Give a whole number from 1 on; `dsdeploy history` lists them.',
  });
}
