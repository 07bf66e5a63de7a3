import type { Cluster } from '../../cluster/cluster.ts';
import { DsdeployError } from '../../errors/index.ts';
import { formatRef, type Manifest, refOf } from '../../manifest/index.ts';
import {
  type CheckedObject,
  defaultListRules,
  diffObjects,
  findKindSchema,
  type KindSchema,
  listRulesOf,
  schemaOfDefinition,
  validateObject,
} from '../../plan/index.ts';
import { explainUnknownField } from './check-kinds.ts';

/**
 * Completes a checked object with what its schema tells, which is read only where it is needed: one
 * that could not be dry-run is checked against it, and one with changed lists gets the server's rules.
 */
export async function checkBySchema(
  checked: CheckedObject,
  {
    cluster,
    manifests,
  }: { readonly cluster: Pick<Cluster, 'readSchemas'>; readonly manifests: readonly Manifest[] },
): Promise<CheckedObject> {
  const { desired, live, dryRun } = checked;
  const readSchema = () => readKindSchema(desired, { cluster, manifests });
  if (dryRun === undefined) {
    const schema = await readSchema();
    if (schema === undefined) return checked;
    assertValid(desired, schema);
    return { ...checked, fitsSchema: true };
  }
  if (live === undefined || !differsInLists(live, dryRun)) return checked;
  const schema = await readSchema();
  if (schema === undefined) return checked;
  return { ...checked, listRules: listRulesOf(schema, defaultListRules) };
}

/** A definition in the same plan comes first: it will be the one that holds. */
async function readKindSchema(
  manifest: Manifest,
  {
    cluster,
    manifests,
  }: { readonly cluster: Pick<Cluster, 'readSchemas'>; readonly manifests: readonly Manifest[] },
): Promise<KindSchema | undefined> {
  for (const other of manifests) {
    const planned = schemaOfDefinition(other, manifest);
    if (planned !== undefined) return planned;
  }
  const schemas = await cluster.readSchemas(manifest.apiVersion);
  return schemas === undefined ? undefined : findKindSchema(schemas, manifest);
}

function differsInLists(live: Manifest, dryRun: Manifest): boolean {
  return diffObjects(live, dryRun).some(
    ({ path, before, after }) =>
      path.includes('[') || path.includes('(order)') || [before, after].some(Array.isArray),
  );
}

function assertValid(manifest: Manifest, schema: KindSchema): void {
  const problems = validateObject(manifest, schema);
  const [first] = problems;
  if (first === undefined) return;
  const subject = formatRef(refOf(manifest));
  const more = problems.length === 1 ? '' : ` and ${String(problems.length - 1)} more`;
  const where = first.path === '' || first.message.includes(first.path) ? '' : `${first.path}: `;
  const error = new DsdeployError(
    'OBJECT_INVALID',
    `Cannot check ${subject} against its schema: ${where}${first.message}${more}`,
    {
      subject,
      details: problems.map(({ path, message }) => ({ location: path, message })),
      hint: 'Change the fields the message names.',
    },
  );
  // With a field of nearly that name there, it is mistyped rather than newer than the server.
  throw problems.some(({ suggestion }) => suggestion !== undefined)
    ? error
    : explainUnknownField(manifest, error);
}
