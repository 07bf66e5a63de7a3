export {
  buildOfflinePlan,
  buildPlan,
  type CheckedObject,
  type PlanInput,
  type RecordedInventory,
} from './build-plan.ts';
export type { DestroyPlan } from './destroy-plan.ts';
export { diffObjects } from './diff/diff-objects.ts';
export { findLostFields } from './diff/find-lost-fields.ts';
export type { JsonPatchOperation } from './diff/json-patch.ts';
export { defaultListRules, type ListRules } from './diff/list-rules.ts';
export { describeDisruption, describeRemoval } from './disruption/disruption.ts';
export { rollOutSeconds } from './disruption/roll-out.ts';
export { type AddedField, type DriftField, type DriftObject, findDrift } from './drift.ts';
export {
  isBlocking,
  type PreflightCode,
  type PreflightFinding,
  type PreflightLevel,
  preflightCodes,
  sortFindings,
} from './finding.ts';
export {
  applySetId,
  applySetNames,
  inventoryRef,
  partOf,
  setIdOf,
  withPartOf,
} from './inventory/apply-set.ts';
export {
  type InventoryEntry,
  mergeEntries,
  sameEntries,
  toEntry,
} from './inventory/inventory-entry.ts';
export {
  type JudgedOrphans,
  judgeOrphans,
  type Orphan,
} from './inventory/judge-orphans.ts';
export { lockRef } from './lock-ref.ts';
export { type ObservedObject } from './observed-object.ts';
export {
  adoptionPatch,
  givesWay,
  hasFormerManagers,
  isAdopted,
  judgeAdoption,
  matchesRef,
  replacePatch,
  withoutLeftovers,
} from './ownership/adoption.ts';
export {
  type Autoscaler,
  findScaler,
  hasReplicas,
  leaveReplicas,
  toAutoscaler,
} from './ownership/autoscaling.ts';
export { coOwnersOf, describeConflict, isTaken } from './ownership/field-conflict.ts';
export type { FieldOwner } from './ownership/field-owner.ts';
export { describeOwner, fieldManager, judgeMember } from './ownership/ownership.ts';
export * from './plan.ts';
export {
  type AccessInput,
  type AccessRole,
  type AccessRule,
  accessRoles,
  accessRules,
  type Verb,
} from './rights/rbac.ts';
export { type RbacSubject, renderRole } from './rights/rbac-manifests.ts';
export { formatResource } from './rights/rbac-resource.ts';
export { compareRevisions, type RevisionChange } from './saved/compare-revisions.ts';
export { type Binding, bindingOf, describeMove } from './saved/live-digest.ts';
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
} from './saved/revision.ts';
export {
  contentDigest,
  type SavedPlan,
  savedPlanVersion,
  toSavedPlan,
} from './saved/saved-plan.ts';
export { listRulesOf } from './schema/list-rules-of.ts';
export {
  findKindSchema,
  type KindSchema,
  type Schema,
  type Schemas,
  schemaOfDefinition,
} from './schema/open-api.ts';
export { type SchemaProblem, validateObject } from './schema/validate-object.ts';
export { findPlainSecrets } from './secrets/find-plain-secrets.ts';
export { generatedKeyOf, hasKey, withKeyToCome } from './secrets/generated-key.ts';
export { isSecretName, maskDocument } from './secrets/mask.ts';
export { hasSecretShape, maskShapes, secretShapes } from './secrets/secret-shapes.ts';
export { maskValues, secretValuesOf } from './secrets/secret-values.ts';
