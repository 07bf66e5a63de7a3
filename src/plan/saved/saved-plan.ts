import { createHash } from 'node:crypto';
import type { Layout } from '../../layout/index.ts';
import { canonicalJson } from '../../manifest/index.ts';
import type { Plan } from '../plan.ts';

/** Version of the file; one that is not known is refused, never guessed at. */
export const savedPlanVersion = 1;

/** A plan in a file, with all that a later `apply` needs to do exactly that and nothing else. */
export interface SavedPlan {
  readonly apiVersion: 'dsdeploy/v1';
  readonly kind: 'SavedPlan';
  readonly formatVersion: typeof savedPlanVersion;
  /** For example `dsdeploy/0.1.0`. */
  readonly tool: string;
  /** ISO 8601, UTC. */
  readonly savedAt: string;
  readonly specSha256: string;
  readonly manifestsSha256: string;
  readonly plan: Plan;
  readonly layout: Layout;
  /** Of everything above, so that an edited file is told from one that was written. */
  readonly contentSha256: string;
}

export interface SavedPlanInput {
  readonly plan: Plan;
  readonly layout: Layout;
  readonly tool: string;
  readonly savedAt: string;
}

/** Seals a plan for a file. */
export function toSavedPlan({ plan, layout, tool, savedAt }: SavedPlanInput): SavedPlan {
  const desired = plan.changes.flatMap((change) =>
    change.action === 'delete' ? [] : [change.desired],
  );
  const content = {
    apiVersion: 'dsdeploy/v1',
    kind: 'SavedPlan',
    formatVersion: savedPlanVersion,
    tool,
    savedAt,
    specSha256: digestOf(layout.spec),
    manifestsSha256: digestOf(desired),
    plan,
    layout,
  } as const;
  return { ...content, contentSha256: contentDigest(content) };
}

/** Digest of a saved plan without its own digest; equal however the file is indented. */
export function contentDigest(saved: Readonly<Record<string, unknown>>): string {
  return digestOf({ ...saved, contentSha256: undefined });
}

/** SHA-256 of a JSON value, the same whatever the order of its keys. */
export function digestOf(value: unknown): string {
  // By way of JSON, so that what is absent in a file is absent in the digest too.
  const plain: unknown = JSON.parse(JSON.stringify(value));
  return createHash('sha256').update(canonicalJson(plain)).digest('hex');
}
