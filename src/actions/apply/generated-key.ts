import { randomBytes } from 'node:crypto';
import type { Cluster } from '../../cluster/cluster.ts';
import { type Manifest, refOf } from '../../manifest/index.ts';
import { applySetNames, generatedKeyOf, hasKey } from '../../plan/index.ts';

/** 256 bits, so that guessing is hopeless; text without characters a shell or URL would mangle. */
const keyBytes = 32;

/**
 * Gives a Secret that asks for it a random key, unless it has one. The key belongs to a field manager
 * of its own: the manifest never names it, so no later apply, plan or diff touches or shows it.
 */
export async function fillGeneratedKey(
  manifest: Manifest,
  cluster: Pick<Cluster, 'get' | 'apply'>,
): Promise<void> {
  const key = generatedKeyOf(manifest);
  if (key === undefined) return;
  const live = await cluster.get(refOf(manifest));
  if (live !== undefined && hasKey(live, key)) return;
  await cluster.apply(withKey(manifest, key), {
    dryRun: false,
    force: false,
    fieldManager: 'dsdeploy-generated',
  });
}

/** Carries our label too: a run that ends right after this write must find the Secret to be ours. */
function withKey({ apiVersion, kind, metadata }: Manifest, key: string): Manifest {
  const { name, namespace, labels = {} } = metadata;
  const value = randomBytes(keyBytes).toString('base64url');
  const setId = labels[applySetNames.partOf];
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(setId === undefined ? {} : { labels: { [applySetNames.partOf]: setId } }),
    },
    data: { [key]: Buffer.from(value).toString('base64') },
  };
}
