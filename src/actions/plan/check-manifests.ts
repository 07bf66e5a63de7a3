import { DsdeployError, type ErrorDetail } from '../../errors/index.ts';
import { formatRef, identityOf, type Manifest, refOf } from '../../manifest/index.ts';
import { applySetNames, type DeploymentId, inventoryRef, partOf } from '../../plan/index.ts';

/** Refuses manifests that could not be planned, or whose plan would be a disaster. */
export function checkManifests(deployment: DeploymentId, manifests: readonly Manifest[]): void {
  if (manifests.length === 0) {
    throw new DsdeployError(
      'EMPTY_RENDER',
      `Cannot plan "${deployment.name}": the charts made no object, so everything would be deleted`,
      { hint: 'Run `dsdeploy destroy` if that is what you want.' },
    );
  }
  const reserved = identityOf(inventoryRef(deployment));
  const seen = new Set<string>();
  const details = manifests.flatMap((manifest): ErrorDetail[] => {
    const ref = refOf(manifest);
    const problem = findProblem(manifest, { seen, reserved });
    seen.add(identityOf(ref));
    return problem === undefined ? [] : [{ location: formatRef(ref), message: problem }];
  });
  if (details.length === 0) return;
  throw new DsdeployError(
    'RENDER_INVALID',
    `Cannot plan "${deployment.name}": ${String(details.length)} rendered objects are not acceptable`,
    { details },
  );
}

interface Taken {
  readonly seen: ReadonlySet<string>;
  readonly reserved: string;
}

function findProblem(manifest: Manifest, { seen, reserved }: Taken): string | undefined {
  const identity = identityOf(refOf(manifest));
  const { name, generateName } = manifest.metadata;
  if (name === '' || generateName !== undefined)
    return 'it has no fixed name, so every apply would make another one';
  if (partOf(manifest) !== undefined)
    return `it carries the label ${applySetNames.partOf}, which is set by the plan`;
  if (identity === reserved) return 'its name is taken by the inventory';
  return seen.has(identity) ? 'it is rendered twice' : undefined;
}
