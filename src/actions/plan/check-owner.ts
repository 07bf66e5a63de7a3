import type { LiveObject } from '../../cluster/cluster.ts';
import { DsdeployError } from '../../errors/index.ts';
import { formatRef, type Manifest, refOf } from '../../manifest/index.ts';
import {
  type Adoption,
  type DeploymentId,
  isAdopted,
  judgeAdoption,
  matchesRef,
  partOf,
  setIdOf,
} from '../../plan/index.ts';

export interface OwnerOptions {
  readonly deployment: DeploymentId;
  /** Objects of others that may be taken into the deployment, as `--adopt` names them. */
  readonly adopt: readonly string[];
}

/** Refuses an object that is not ours, unless it was named to be adopted; then tells how. */
export function checkOwner(
  live: LiveObject,
  { deployment, adopt }: OwnerOptions,
): Adoption | undefined {
  const ref = refOf(live);
  const subject = formatRef(ref);
  if (live.metadata.deletionTimestamp !== undefined) {
    throw new DsdeployError('OBJECT_TERMINATING', `Cannot plan ${subject}: it is being deleted`, {
      subject,
      hint: 'Wait until it is gone, then plan again.',
    });
  }
  if (partOf(live) === setIdOf(deployment)) return undefined;
  const judged = judgeAdoption(live);
  if (judged.kind === 'refused') {
    const message = `Cannot plan ${subject}: it exists and ${judged.reason}`;
    throw new DsdeployError('OBJECT_NOT_OWNED', message, { subject, hint: judged.hint });
  }
  if (isAdopted(ref, adopt)) return judged.adoption;
  throw new DsdeployError(
    'OBJECT_NOT_OWNED',
    `Cannot plan ${subject}: it exists and belongs to ${judged.adoption.from}`,
    {
      subject,
      hint: `Take it into the deployment with \`--adopt ${subject}\`, choose another \`name\` or \`namespace\`, or delete that object first.`,
    },
  );
}

/** Refuses a name that no rendered object has: a slip of the pen would adopt nothing, silently. */
export function checkAdopt(adopt: readonly string[], manifests: readonly Manifest[]): void {
  const refs = manifests.map(refOf);
  const unknown = adopt.filter(
    (name) => name !== 'all' && !refs.some((ref) => matchesRef(name, ref)),
  );
  const [first] = unknown;
  if (first === undefined) return;
  throw new DsdeployError('USAGE', `Cannot adopt "${first}": the spec renders no such object`, {
    subject: `--adopt ${first}`,
    hint: `Name one as KIND/NAME, or all of them with \`--adopt all\`: ${refs.map(formatRef).join(', ')}.`,
  });
}
