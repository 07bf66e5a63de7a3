export {
  adoptionPatch,
  givesWay,
  hasFormerManagers,
  isAdopted,
  judgeAdoption,
  matchesRef,
  replacePatch,
  withoutLeftovers,
} from './adoption.ts';
export {
  applySetId,
  applySetNames,
  inventoryRef,
  partOf,
  setIdOf,
  withPartOf,
} from './apply-set.ts';
export {
  type Autoscaler,
  findScaler,
  hasReplicas,
  leaveReplicas,
  toAutoscaler,
} from './autoscaling.ts';
export {
  buildOfflinePlan,
  buildPlan,
  type CheckedObject,
  type PlanInput,
  type RecordedInventory,
} from './build-plan.ts';
export { compareRevisions, type RevisionChange } from './compare-revisions.ts';
export type { DestroyPlan } from './destroy-plan.ts';
export { diffObjects } from './diff-objects.ts';
export { describeDisruption, describeRemoval } from './disruption.ts';
export { type AddedField, type DriftField, type DriftObject, findDrift } from './drift.ts';
export { coOwnersOf, describeConflict, isTaken } from './field-conflict.ts';
export type { FieldOwner } from './field-owner.ts';
export { findLostFields } from './find-lost-fields.ts';
export { findPlainSecrets } from './find-plain-secrets.ts';
export {
  isBlocking,
  type PreflightCode,
  type PreflightFinding,
  type PreflightLevel,
  preflightCodes,
  sortFindings,
} from './finding.ts';
export { generatedKeyOf, hasKey, withKeyToCome } from './generated-key.ts';
export {
  type InventoryEntry,
  mergeEntries,
  sameEntries,
  toEntry,
} from './inventory-entry.ts';
export type { JsonPatchOperation } from './json-patch.ts';
export {
  type JudgedOrphans,
  judgeOrphans,
  type Orphan,
} from './judge-orphans.ts';
export { defaultListRules, type ListRules } from './list-rules.ts';
export { type Binding, bindingOf, describeMove } from './live-digest.ts';
export { lockRef } from './lock-ref.ts';
export { isSecretName, maskDocument } from './mask.ts';
export { type ObservedObject } from './observed-object.ts';
export { describeOwner, fieldManager, judgeMember } from './ownership.ts';
export * from './plan.ts';
export {
  type AccessInput,
  type AccessRole,
  type AccessRule,
  accessRoles,
  accessRules,
  type Verb,
} from './rbac.ts';
export { type RbacSubject, renderRole } from './rbac-manifests.ts';
export { formatResource } from './rbac-resource.ts';
export {
  contentDigests,
  keptRevisions,
  plannedManifests,
  type RevisionContent,
  type RevisionHeader,
  revisionFormat,
  revisionLabels,
  revisionRef,
  summarizePlan,
} from './revision.ts';
export { rollOutSeconds } from './roll-out.ts';
export { contentDigest, type SavedPlan, savedPlanVersion, toSavedPlan } from './saved-plan.ts';
export { listRulesOf } from './schema/list-rules-of.ts';
export {
  findKindSchema,
  type KindSchema,
  type Schema,
  type Schemas,
  schemaOfDefinition,
} from './schema/open-api.ts';
export { type SchemaProblem, validateObject } from './schema/validate-object.ts';
export { hasSecretShape, maskShapes, secretShapes } from './secret-shapes.ts';
export { maskValues, secretValuesOf } from './secret-values.ts';
