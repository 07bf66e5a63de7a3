import {
  canonicalJson,
  type Manifest,
  type ObjectRef,
  sortManifests,
} from '../../manifest/index.ts';
import { withoutPartOf } from '../inventory/apply-set.ts';
import { fieldManager } from '../ownership/ownership.ts';
import type { DeploymentId, Plan } from '../plan.ts';
import { digestOf } from './saved-plan.ts';

/** Version of what a revision holds; one that is not known is refused, never guessed at. */
export const revisionFormat = 1;

/** Revisions kept in the cluster; older ones are deleted when one is added. */
export const keptRevisions = 10;

/** What is known of a revision without opening it. */
export interface RevisionHeader {
  readonly formatVersion: typeof revisionFormat;
  /** Counts from 1 and is never used again. */
  readonly number: number;
  /** ISO 8601, UTC. */
  readonly recordedAt: string;
  /** For example `dsdeploy/0.1.0`. */
  readonly tool: string;
  /** Login and host of whoever applied: `ann@laptop`. */
  readonly operator: string;
  /** User of the kubeconfig. */
  readonly user: string;
  /** One line on what changed. */
  readonly summary: string;
  /** The revision this one went back to, when it was made by a rollback. */
  readonly rollbackOf?: number;
  readonly objects: number;
  readonly specSha256: string;
  readonly manifestsSha256: string;
  /** Why spec and manifests were not kept; absent when they were. */
  readonly withheld?: string;
}

/** What was applied: enough to apply it again. Holds no secret value. */
export interface RevisionContent {
  /** YAML of the spec, defaults written out. */
  readonly spec: string;
  /** As rendered, in apply order, without what the cluster adds. */
  readonly manifests: readonly Manifest[];
}

/** Labels that every revision carries, by which they are found. */
export function revisionLabels({ name }: DeploymentId): Readonly<Record<string, string>> {
  return {
    'app.kubernetes.io/instance': name,
    'app.kubernetes.io/managed-by': fieldManager,
    'app.kubernetes.io/component': 'revision',
  };
}

/** Refers to the ConfigMap that holds a revision. */
export function revisionRef({ name, namespace }: DeploymentId, number: number): ObjectRef {
  const revision = `${name}-revision-${String(number)}`;
  return { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: revision };
}

/** What a plan would leave in the cluster, as a revision keeps it. */
export function plannedManifests({ changes }: Plan): Manifest[] {
  return sortManifests(
    changes.flatMap((change) =>
      change.action === 'delete' ? [] : [withoutPartOf(change.desired)],
    ),
  );
}

/** Digests by which two revisions are told apart. */
export function contentDigests({ spec, manifests }: RevisionContent): {
  readonly specSha256: string;
  readonly manifestsSha256: string;
} {
  return { specSha256: digestOf(spec), manifestsSha256: digestOf(sortManifests(manifests)) };
}

/** One line on what a plan changes, for a list: counts, then the field that matters most. */
export function summarizePlan({ changes }: Plan): string {
  const counts = (['create', 'update', 'delete'] as const).flatMap((action) => {
    const count = changes.filter((change) => change.action === action).length;
    return count === 0 ? [] : [`${String(count)} ${pastOf[action]}`];
  });
  if (counts.length === 0) return 'same objects';
  const field = firstField(changes);
  return field === undefined ? counts.join(', ') : `${counts.join(', ')}: ${field}`;
}

const pastOf = { create: 'created', update: 'updated', delete: 'deleted' } as const;

/** Of the last updated object in apply order, because that is the workload. */
function firstField(changes: Plan['changes']): string | undefined {
  const updates = changes.filter((change) => change.action === 'update');
  const last = updates.at(-1);
  const fields = last?.fields ?? [];
  // The value behind a flag says more than the flag.
  const field = fields.find(({ flag }) => flag !== undefined) ?? fields[0];
  if (last === undefined || field === undefined) return undefined;
  const name = field.flag ?? field.path.split('.').slice(-2).join('.');
  const values =
    isShort(field.before) && isShort(field.after)
      ? ` ${showShort(field.before)} -> ${showShort(field.after)}`
      : '';
  const rest = fields.length === 1 ? '' : ` and ${String(fields.length - 1)} more`;
  return `${last.ref.name} ${name}${values}${rest}`;
}

const shortLength = 48;

function isShort(value: unknown): boolean {
  return showShort(value).length <= shortLength;
}

function showShort(value: unknown): string {
  if (value === undefined) return 'absent';
  return typeof value === 'string' ? value : canonicalJson(value);
}
