import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import type { LiveObject } from '../../cluster/cluster.ts';
import { DsdeployError } from '../../errors/index.ts';
import { formatRef, type Manifest, type ObjectRef, refOf } from '../../manifest/index.ts';
import {
  contentDigests,
  type DeploymentId,
  type RevisionContent,
  type RevisionHeader,
  revisionFormat,
  revisionLabels,
  revisionRef,
} from '../../plan/index.ts';

/** A ConfigMap may hold 1 MiB; the header and metadata need little of it. */
export const maxContentBytes = 1_000_000;

const headerSchema = z.object({
  formatVersion: z.literal(revisionFormat),
  number: z.int().positive(),
  recordedAt: z.string(),
  tool: z.string(),
  operator: z.string(),
  user: z.string(),
  summary: z.string(),
  rollbackOf: z.int().positive().exactOptional(),
  objects: z.int(),
  specSha256: z.string(),
  manifestsSha256: z.string(),
  withheld: z.string().exactOptional(),
}) satisfies z.ZodType<RevisionHeader>;

const contentSchema = z.object({
  spec: z.string(),
  // What the digest covers was written by us, so that the inside needs no second description.
  manifests: z.array(z.custom<Manifest>((value) => typeof value === 'object' && value !== null)),
});

/** One revision as it lies in the cluster. */
export interface StoredRevision {
  readonly ref: ObjectRef;
  readonly uid: string;
  readonly number: number;
  readonly header: RevisionHeader;
  /** Compressed content; absent when it was withheld. */
  readonly packed?: string;
}

/** Compresses content for a revision. */
export function packContent(content: RevisionContent): Buffer {
  return gzipSync(JSON.stringify(content), { level: 9 });
}

/** The ConfigMap of a revision. It can be deleted and not edited. */
export function renderRevision(
  deployment: DeploymentId,
  header: RevisionHeader,
  packed: Buffer | undefined,
): Manifest {
  const { apiVersion, kind, name } = revisionRef(deployment, header.number);
  return {
    apiVersion,
    kind,
    metadata: { name, namespace: deployment.namespace, labels: revisionLabels(deployment) },
    immutable: true,
    data: { revision: JSON.stringify(header) },
    ...(packed === undefined
      ? {}
      : { binaryData: { 'content.json.gz': packed.toString('base64') } }),
  };
}

/** Reads the header of a revision; `undefined` for an object that is none. */
export function parseRevision(
  deployment: DeploymentId,
  live: LiveObject,
): StoredRevision | undefined {
  const ref = refOf(live);
  const labels = Object.entries(revisionLabels(deployment));
  if (labels.some(([key, value]) => live.metadata.labels?.[key] !== value)) return undefined;
  const { data } = z
    .object({
      data: z.object({ revision: z.string() }),
      binaryData: z.object({ 'content.json.gz': z.string() }).exactOptional(),
    })
    .safeParse(live);
  const { data: header } = headerSchema.safeParse(parseJson(data?.data.revision));
  if (data === undefined || header === undefined)
    throw invalid(ref, `it is no revision of format ${String(revisionFormat)}`);
  const packed = data.binaryData?.['content.json.gz'];
  return {
    ref,
    uid: live.metadata.uid,
    number: header.number,
    header,
    ...(packed === undefined ? {} : { packed }),
  };
}

/** Opens a revision; what does not match its digests is refused. */
export function openRevision({ ref, header, packed }: StoredRevision): RevisionContent {
  if (packed === undefined) {
    throw new DsdeployError(
      'REVISION_INVALID',
      `Cannot open revision ${String(header.number)}: its spec and manifests were not kept`,
      {
        subject: formatRef(ref),
        hint: `${header.withheld ?? 'The reason is not known'}. Take the spec from your repository and run \`dsdeploy apply\`.`,
      },
    );
  }
  const { data: content } = contentSchema.safeParse(parseJson(unpack(packed)));
  if (content === undefined) throw invalid(ref, 'its content cannot be read');
  const digests = contentDigests(content);
  const isWhole =
    digests.specSha256 === header.specSha256 && digests.manifestsSha256 === header.manifestsSha256;
  if (!isWhole) throw invalid(ref, 'its content does not match its digests');
  return content;
}

function unpack(packed: string): string | undefined {
  try {
    return gunzipSync(Buffer.from(packed, 'base64')).toString('utf8');
  } catch {
    // Told as content that cannot be read; how it is broken helps nobody.
    return undefined;
  }
}

function parseJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    // Told as what it is not.
    return undefined;
  }
}

function invalid(ref: ObjectRef, reason: string): DsdeployError {
  const subject = formatRef(ref);
  return new DsdeployError('REVISION_INVALID', `Cannot use the revision in ${subject}: ${reason}`, {
    subject,
    hint: `Use the dsdeploy that wrote it, or delete it: \`kubectl -n ${ref.namespace ?? ''} delete configmap ${ref.name}\`.`,
  });
}
