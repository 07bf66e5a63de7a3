import type { LiveObject } from '../../../cluster/cluster.ts';
import { formatRef, type ObjectRef } from '../../../manifest/index.ts';
import { describeOwner, type PreflightFinding } from '../../../plan/index.ts';
import type { PreflightInput } from '../facts.ts';
import { controllerNames } from '../references.ts';
import { unknownFinding } from './unknown.ts';

/**
 * Checks the names the LeaderWorkerSet controller takes for itself: with another Service in the place of
 * its headless one, no worker would find its leader.
 */
export function checkNames({ manifests, facts }: PreflightInput): PreflightFinding[] {
  return controllerNames(manifests).flatMap((ref): PreflightFinding[] => {
    const { kind, name, namespace = '' } = ref;
    const where = formatRef(ref);
    const command = `kubectl get ${kind.toLowerCase()} ${name} -n ${namespace} -o yaml`;
    const rendered = manifests.find((one) => one.kind === kind && one.metadata.name === name);
    const reading = facts.names.get(`${kind}/${name}`);
    if (reading?.kind === 'unreadable') {
      const check = `whether the name of the controller's ${kind} is free`;
      return [unknownFinding({ check, where, command }, reading)];
    }
    const live = reading?.value;
    const isTaken = rendered !== undefined || (live !== undefined && !isOfSet(live, ref));
    if (!isTaken) return [];
    const owner = live === undefined ? 'this deployment itself' : describeOwner(live);
    return [
      {
        code: 'NAME_TAKEN',
        level: 'error',
        what: `The LeaderWorkerSet controller makes a ${kind} of this name, and it exists and belongs to ${owner}`,
        where,
        fix: 'Choose another `name` in the spec or for the group, or delete that object.',
        command,
      },
    ];
  });
}

function isOfSet(object: LiveObject, { name }: ObjectRef): boolean {
  const owners: unknown = object.metadata['ownerReferences'];
  if (!Array.isArray(owners)) return false;
  return owners.some(
    (owner: unknown) =>
      typeof owner === 'object' &&
      owner !== null &&
      'kind' in owner &&
      owner.kind === 'LeaderWorkerSet' &&
      'name' in owner &&
      owner.name === name,
  );
}
