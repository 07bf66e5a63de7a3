import type { Manifest, ObjectRef } from '../../manifest/index.ts';
import { type JsonPatchOperation, pointerTo } from '../diff/json-patch.ts';
import { applySetNames, partOf } from '../inventory/apply-set.ts';
import type { ObservedObject } from '../observed-object.ts';
import type { Adoption } from '../plan.ts';
import { generatedKeyOf } from '../secrets/generated-key.ts';
import {
  type FieldSet,
  pruneFields,
  subtractWanted,
  uniteFields,
  withoutField,
} from './field-set.ts';
import { type ManagedFields, managedFieldsOf, toManagedFieldsEntry } from './managed-fields.ts';
import { describeOwner, fieldManager, ownerNames } from './ownership.ts';

/** Whether an object may become ours, and how; or why never. */
export type AdoptionJudgement =
  | { readonly kind: 'possible'; readonly adoption: Adoption }
  | { readonly kind: 'refused'; readonly reason: string; readonly hint: string };

/** Manager of values that `apply` makes up once and leaves alone. */
const generatedManager = 'dsdeploy-generated';

/**
 * The server's name for whoever set the fields of an object that had no managed fields. Its set is
 * everything, defaults and the work of controllers included, so that it is dropped and not moved.
 *
 * @source kubernetes/apimachinery `pkg/util/managedfields/internal/skipnonapplied.go`
 */
const unknownManager = 'before-first-apply';

/**
 * Tools that make objects as a whole: what they set becomes ours, and goes where the spec does not have
 * it. Our own name among them is an adoption that was cut short.
 */
const makers = new RegExp(
  `^(kubectl(-client-side-apply|-create|-replace|-run|-expose|-last-applied)?|helm|${unknownManager}|${fieldManager})$`,
);

/** What a person sets by hand with kubectl: ours where the spec has it, theirs where it has not. */
const editors = /^kubectl(-.*)?$/;

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';
const helmRelease = 'meta.helm.sh/release-name';
const helmNamespace = 'meta.helm.sh/release-namespace';
const managedBy = 'app.kubernetes.io/managed-by';

/** Marks of controllers and tools that would put an object back, each with its name. */
const keepers: readonly { readonly mark: string; readonly tool: string }[] = [
  { mark: 'argocd.argoproj.io/tracking-id', tool: 'Argo CD' },
  { mark: 'argocd.argoproj.io/instance', tool: 'Argo CD' },
  { mark: 'kustomize.toolkit.fluxcd.io/name', tool: 'Flux' },
  { mark: 'helm.toolkit.fluxcd.io/name', tool: 'Flux' },
  { mark: 'kapp.k14s.io/app', tool: 'kapp' },
  { mark: 'config.k8s.io/owning-inventory', tool: 'kpt' },
  { mark: 'objectset.rio.cattle.io/id', tool: 'Rancher' },
];

/** Judges whether an object that is not ours may become so. */
export function judgeAdoption(live: ObservedObject): AdoptionJudgement {
  const reason = `belongs to ${describeOwner(live)}`;
  const { labels = {}, annotations = {} } = live.metadata;
  const refuse = (hint: string, why = reason) => ({ kind: 'refused', reason: why, hint }) as const;
  if (partOf(live) !== undefined || labels[applySetNames.id] !== undefined)
    return refuse(
      'It is a member of another deployment and cannot be adopted: take it out there first, or choose another `name`.',
      labels[applySetNames.id] === undefined ? reason : 'is the record of an ApplySet',
    );
  const [owner] = ownerNames(live);
  if (owner !== undefined)
    return refuse(
      `Choose another \`name\` in the spec: ${owner} makes this object and would go on doing so.`,
      `is owned by ${owner}`,
    );
  const keeper = keepers.find(({ mark }) => (labels[mark] ?? annotations[mark]) !== undefined);
  if (keeper !== undefined)
    return refuse(
      `Take it out of ${keeper.tool} first, which would otherwise put it back, or choose another \`name\`.`,
      `is kept by ${keeper.tool}`,
    );
  return { kind: 'possible', adoption: toAdoption(live) };
}

function toAdoption(live: ObservedObject): Adoption {
  const { annotations = {} } = live.metadata;
  const entries = managedFieldsOf(live);
  const managers = namesOf(entries.filter(isMaker));
  const release = annotations[helmRelease];
  const namespace = annotations[helmNamespace] ?? live.metadata.namespace;
  return {
    from: release === undefined && managers.length > 0 ? managers.join(', ') : describeOwner(live),
    managers,
    coOwners: namesOf(entries.filter((entry) => !isMaker(entry) && entry.subresource !== 'status')),
    marks: marksOf(live).map(({ name }) => name),
    ...(release === undefined
      ? {}
      : { helmRelease: { name: release, ...(namespace === undefined ? {} : { namespace }) } }),
  };
}

interface Mark {
  readonly place: 'labels' | 'annotations';
  readonly name: string;
}

/** Labels and annotations by which the former tool knows its objects. */
function marksOf({ metadata: { labels = {}, annotations = {} } }: Manifest): Mark[] {
  return [
    ...[lastApplied, helmRelease, helmNamespace]
      .filter((name) => annotations[name] !== undefined)
      .map((name): Mark => ({ place: 'annotations', name })),
    ...(labels[managedBy] === 'Helm' ? [{ place: 'labels', name: managedBy } as const] : []),
  ];
}

/** Whether all fields of an entry are ours, or become so by an adoption. */
export function isMaker({ manager, subresource }: ManagedFields): boolean {
  return makers.test(manager) && subresource === '';
}

function isEditor({ manager, subresource }: ManagedFields): boolean {
  return editors.test(manager) && (subresource === '' || subresource === 'scale');
}

/** Whether a manager gives way to us in an adoption, where both set a field. */
export function givesWay(manager: string): boolean {
  return makers.test(manager) || editors.test(manager);
}

/** Whether managers are left whose fields an adoption takes over or drops. */
export function hasFormerManagers(live: Manifest): boolean {
  return managedFieldsOf(live).some(
    (entry) => isMaker(entry) && !(entry.manager === fieldManager && entry.operation === 'Apply'),
  );
}

/** Fields that change hands, and those of everybody else. */
interface Split {
  readonly moved: FieldSet;
  readonly kept: FieldSet;
  readonly others: readonly ManagedFields[];
  /** Key of a Secret that has to survive, because it was generated once. */
  readonly key?: string;
}

function splitFields(live: Manifest, desired: Manifest): Split {
  const entries = managedFieldsOf(live);
  const others = entries
    .filter((entry) => !isMaker(entry))
    .map((entry) => (isEditor(entry) ? withoutWanted(entry, desired) : entry))
    .filter(({ fields }) => Object.keys(fields).length > 0);
  const moved = entries
    // Fields of another version may not exist in this one: they are dropped, their values stay.
    .filter((entry) => isMaker(entry) && entry.manager !== unknownManager)
    .filter(({ apiVersion }) => apiVersion === desired.apiVersion)
    .map(({ fields }) => fields)
    .reduce(uniteFields, {});
  const kept = others.map(({ fields }) => fields).reduce(uniteFields, {});
  const key = generatedKeyOf(desired);
  if (key === undefined || moved['f:data']?.[`f:${key}`] === undefined)
    return { moved, kept, others };
  return { moved: withoutField(moved, ['f:data', `f:${key}`]), kept, others, key };
}

function withoutWanted(entry: ManagedFields, desired: Manifest): ManagedFields {
  return { ...entry, fields: subtractWanted(entry.fields, desired) };
}

/**
 * The patch that makes the former tools' fields ours, before the apply that removes what we do not
 * want of them. It holds for one version of the object only.
 */
export function adoptionPatch(live: ObservedObject, desired: Manifest): JsonPatchOperation[] {
  const { moved, others, key } = splitFields(live, desired);
  const ours = (manager: string, fields: FieldSet): ManagedFields => ({
    manager,
    operation: 'Apply',
    apiVersion: desired.apiVersion,
    subresource: '',
    fields,
  });
  const entries = [
    ...others.filter(({ manager }) => key === undefined || manager !== generatedManager),
    ...(Object.keys(moved).length === 0 ? [] : [ours(fieldManager, moved)]),
    ...(key === undefined ? [] : [ours(generatedManager, { 'f:data': { [`f:${key}`]: {} } })]),
  ];
  const { resourceVersion } = live.metadata;
  return [
    ...marksOf(live).map(({ place, name }): JsonPatchOperation => {
      return { op: 'remove', path: pointerTo('metadata', place, name) };
    }),
    // One empty entry is how the server is told that there are none.
    {
      op: 'add',
      path: pointerTo('metadata', 'managedFields'),
      value: entries.length === 0 ? [{}] : entries.map(toManagedFieldsEntry),
    },
    // Compared by the server: a conflict when somebody was quicker.
    { op: 'replace', path: pointerTo('metadata', 'resourceVersion'), value: resourceVersion },
  ];
}

/**
 * What an adopted object will be, from what the server says applying gives: without the former
 * tool's marks, and without its fields that we do not want.
 */
export function withoutLeftovers<Result extends Manifest>(
  result: Result,
  { live, desired }: { readonly live: Manifest; readonly desired: Manifest },
): Result {
  const { moved, kept } = splitFields(live, desired);
  const pruned = pruneFields(result, { owned: moved, kept, wanted: desired }) as Result;
  const { labels, annotations } = pruned.metadata;
  return {
    ...pruned,
    metadata: {
      ...pruned.metadata,
      ...(labels === undefined ? {} : { labels: withoutMarks(labels, 'labels', pruned) }),
      ...(annotations === undefined
        ? {}
        : { annotations: withoutMarks(annotations, 'annotations', pruned) }),
    },
  };
}

function withoutMarks(
  values: Readonly<Record<string, string>>,
  place: Mark['place'],
  object: Manifest,
): Record<string, string> {
  const marks = marksOf(object).filter((mark) => mark.place === place);
  return Object.fromEntries(
    Object.entries(values).filter(([name]) => !marks.some((mark) => mark.name === name)),
  );
}

/** The patch that turns a live object into another, for the server to check as a dry-run. */
export function replacePatch(live: ObservedObject, result: Manifest): JsonPatchOperation[] {
  const names = new Set([...Object.keys(live), ...Object.keys(result)]);
  for (const name of ['apiVersion', 'kind', 'metadata', 'status']) names.delete(name);
  const body = [...names].flatMap((name) => replaceAt([name], live[name], result[name]));
  const metadata = ['labels', 'annotations'].flatMap((name) =>
    replaceAt(['metadata', name], live.metadata[name], result.metadata[name]),
  );
  return [...metadata, ...body];
}

function replaceAt(
  steps: readonly string[],
  before: unknown,
  after: unknown,
): JsonPatchOperation[] {
  const path = pointerTo(...steps);
  if (after !== undefined) return [{ op: 'add', path, value: after }];
  return before === undefined ? [] : [{ op: 'remove', path }];
}

/** `--adopt` value for every object of the deployment. */
export const adoptAll = 'all';

/** Whether an object was named to be adopted: `all`, `Kind/name` or `Kind/namespace/name`. */
export function isAdopted(ref: ObjectRef, adopt: readonly string[]): boolean {
  return adopt.some((name) => name === adoptAll || matchesRef(name, ref));
}

/** Whether a name such as `configmap/start` stands for an object; kinds in any case. */
export function matchesRef(name: string, ref: ObjectRef): boolean {
  const [kind = '', ...rest] = name.split('/');
  if (kind.toLowerCase() !== ref.kind.toLowerCase()) return false;
  const place = rest.join('/');
  return place === ref.name || place === `${ref.namespace ?? ''}/${ref.name}`;
}

function namesOf(entries: readonly ManagedFields[]): string[] {
  return [...new Set(entries.map(({ manager }) => manager))].toSorted();
}
