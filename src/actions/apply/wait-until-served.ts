import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Cluster } from '../../cluster/cluster.ts';
import { DsdeployError } from '../../errors/index.ts';
import { formatRef, type Manifest, refOf } from '../../manifest/index.ts';

const pollMs = 200;

/** A server needs a second or two; several behind one address a few more. */
const timeoutMs = 60_000;

const conditionSchema = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().optional(),
  message: z.string().optional(),
});

type Condition = z.infer<typeof conditionSchema>;

const definitionSchema = z.object({
  spec: z.object({
    group: z.string(),
    names: z.object({ kind: z.string() }),
    versions: z.array(z.object({ name: z.string(), served: z.boolean().optional() })),
  }),
  status: z.object({ conditions: z.array(conditionSchema).optional() }).optional(),
});

/**
 * Waits until a CustomResourceDefinition that was just applied is established and discovery tells of
 * all its versions, because a custom resource that comes sooner is refused. Other kinds need no wait.
 */
export async function waitUntilServed(
  manifest: Manifest,
  {
    cluster,
    signal,
  }: { readonly cluster: Pick<Cluster, 'get' | 'supports'>; readonly signal?: AbortSignal },
): Promise<void> {
  if (manifest.kind !== 'CustomResourceDefinition') return;
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    const conditions = await readConditions(manifest, cluster);
    const isEstablished = isTrue(conditions, 'Established');
    if (isEstablished && (await isServed(manifest, cluster))) return;
    const refusal = conditions.find(
      ({ type, status }) => type === 'NamesAccepted' && status === 'False',
    );
    if (refusal !== undefined)
      throw notServed(manifest, `its names are taken: ${refusal.message ?? refusal.reason ?? ''}`);
    // The write itself is done, so an interruption ends the step and leaves the rest to the next run.
    if (signal?.aborted === true) return;
    if (performance.now() > deadlineMs)
      throw notServed(
        manifest,
        `it is not served ${String(timeoutMs / 1000)} s after it was written`,
      );
    await sleep(pollMs);
  }
}

async function readConditions(
  manifest: Manifest,
  cluster: Pick<Cluster, 'get'>,
): Promise<readonly Condition[]> {
  const { data } = definitionSchema.safeParse(await cluster.get(refOf(manifest)));
  return data?.status?.conditions ?? [];
}

function isTrue(conditions: readonly Condition[], wanted: string): boolean {
  return conditions.some(({ type, status }) => type === wanted && status === 'True');
}

async function isServed(manifest: Manifest, cluster: Pick<Cluster, 'supports'>): Promise<boolean> {
  const { spec } = definitionSchema.parse(manifest);
  for (const { name, served } of spec.versions) {
    const kind = { apiVersion: `${spec.group}/${name}`, kind: spec.names.kind };
    if (served !== false && !(await cluster.supports(kind))) return false;
  }
  return true;
}

function notServed(manifest: Manifest, reason: string): DsdeployError {
  const subject = formatRef(refOf(manifest));
  return new DsdeployError('CRD_NOT_SERVED', `Cannot use ${subject} yet: ${reason}`, {
    subject,
    hint: `Look at its conditions with \`kubectl describe crd ${manifest.metadata.name}\`, then run the command again.`,
  });
}
