import { gunzipSync } from 'node:zlib';
import { loadAll } from 'js-yaml';
import { z } from 'zod';
import type { LiveObject } from '../../cluster/cluster.ts';
import { DsdeployError } from '../../errors/index.ts';
import { formatRef, type ObjectRef, refOf } from '../../manifest/index.ts';

/**
 * Labels that Helm gives every record of a release.
 *
 * @source helm v4.2.4 `pkg/storage/driver/secrets.go` and `cfgmaps.go`, seen on a sandbox
 */
export function releaseSelector(release: string): string {
  return `owner=helm,name=${release}`;
}

/** One revision of a Helm release, as its record tells. */
export interface HelmRecord {
  readonly live: LiveObject;
  /** `deployed`, `superseded`, `failed`, `pending-upgrade` and such. */
  readonly status: string;
  /** Objects of its charts; without hooks, which `helm uninstall` leaves alone too. */
  readonly refs: readonly ObjectRef[];
}

/** More than any record can hold: a Secret takes 1 MiB, and text shrinks to about a tenth. */
const maxRecordBytes = 64 * 2 ** 20;

const liveSchema = z.object({ data: z.object({ release: z.string() }) });

const recordSchema = z.object({
  namespace: z.string(),
  info: z.object({ status: z.string() }),
  manifest: z.string(),
});

const objectSchema = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.object({ name: z.string(), namespace: z.string().optional() }),
});

/** Reads what a Secret or ConfigMap of Helm records. Values stay inside: errors never quote it. */
export function readHelmRecord(live: LiveObject): HelmRecord {
  try {
    const { data } = liveSchema.parse(live);
    // A Secret is in base64 once more than a ConfigMap.
    const text = live.kind === 'Secret' ? decode(data.release).toString('utf8') : data.release;
    const json = gunzipSync(decode(text), { maxOutputLength: maxRecordBytes }).toString('utf8');
    const { namespace, info, manifest } = recordSchema.parse(JSON.parse(json));
    const objects = loadAll(manifest).filter((object) => object !== null && object !== undefined);
    const refs = objects.map((object) => {
      const { apiVersion, kind, metadata } = objectSchema.parse(object);
      return { apiVersion, kind, namespace: metadata.namespace ?? namespace, name: metadata.name };
    });
    return { live, status: info.status, refs };
  } catch {
    // Without a cause, which would quote what could not be read.
    const subject = formatRef(refOf(live));
    throw new DsdeployError(
      'RELEASE_NOT_ADOPTED',
      `Cannot forget a Helm release: its record ${subject} cannot be read`,
      { subject, hint: 'Leave out --forget-release, and remove the record by hand.' },
    );
  }
}

function decode(text: string): Buffer {
  return Buffer.from(text, 'base64');
}
