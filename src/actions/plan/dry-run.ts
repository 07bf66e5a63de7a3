import type { Cluster, LiveObject } from '../../cluster/cluster.ts';
import { DsdeployError, type ErrorDetail } from '../../errors/index.ts';
import { formatRef, type Manifest, refOf } from '../../manifest/index.ts';
import {
  type Adoption,
  type CheckedObject,
  coOwnersOf,
  describeConflict,
  givesWay,
  isTaken,
  replacePatch,
  withKeyToCome,
  withoutLeftovers,
} from '../../plan/index.ts';
import { explainUnknownField } from './check-kinds.ts';

export interface DryRunContext {
  readonly cluster: Cluster;
  /** Fields that may be taken from other managers. */
  readonly take: readonly string[];
  /** Takes the warnings of the API server. */
  readonly warn: (text: string) => void;
}

/** What the server says a live object will be, and what that takes. */
export type DryRunAnswer = Pick<CheckedObject, 'dryRun' | 'taken' | 'adoption'>;

/** Lets the server say what a new object will be. */
export async function dryRunNew(desired: Manifest, context: DryRunContext): Promise<LiveObject> {
  return withKeyToCome(await dryRunObject(desired, context));
}

async function dryRunObject(
  desired: Manifest,
  { cluster, warn }: Omit<DryRunContext, 'take'>,
  { force }: { readonly force: boolean } = { force: false },
): Promise<LiveObject> {
  try {
    const { object, warnings } = await cluster.apply(desired, { dryRun: true, force });
    for (const warning of warnings) warn(`${formatRef(refOf(desired))}: ${warning}`);
    return object;
  } catch (error) {
    throw explainUnknownField(desired, error);
  }
}

interface LivePair {
  readonly desired: Manifest;
  readonly live: LiveObject;
}

/** Dry-runs over a live object; takes fields of others when all that conflict were named. */
export async function dryRunLive(pair: LivePair, context: DryRunContext): Promise<DryRunAnswer> {
  const answer = await dryRunOver(pair, context, () => false);
  return { ...answer, dryRun: withKeyToCome(answer.dryRun) };
}

/**
 * Dry-runs over an object that is to be adopted. Applying alone would leave the former tool's fields
 * in it: what it will be without them is checked by the server as a second dry-run.
 */
export async function dryRunAdoption(
  pair: LivePair,
  adoption: Adoption,
  context: DryRunContext,
): Promise<DryRunAnswer> {
  const { live } = pair;
  const answer = await dryRunOver(pair, context, givesWay);
  const operations = replacePatch(live, withoutLeftovers(answer.dryRun, pair));
  const checked = await context.cluster.patch(refOf(live), operations, { dryRun: true });
  return { ...answer, dryRun: withKeyToCome(checked), adoption };
}

async function dryRunOver(
  pair: LivePair,
  context: DryRunContext,
  gives: (manager: string) => boolean,
): Promise<DryRunAnswer & { readonly dryRun: LiveObject }> {
  try {
    return { dryRun: await dryRunObject(pair.desired, context) };
  } catch (error) {
    const taken = takenFields(explainCoOwned(error, pair), pair, { take: context.take, gives });
    const dryRun = await dryRunObject(pair.desired, context, { force: true });
    return taken.length === 0 ? { dryRun } : { dryRun, taken };
  }
}

/**
 * Says who keeps an item that we do not apply any more, and that now stands beside another of the same
 * name: two ports called `http`, when a port number changes.
 */
function explainCoOwned(error: unknown, { live }: LivePair): unknown {
  if (!(error instanceof DsdeployError) || error.code !== 'OBJECT_INVALID') return error;
  const fields = error.details
    .filter(({ message }) => message.startsWith('Duplicate value'))
    .flatMap(({ location }) => location ?? []);
  const owners = new Set(fields.flatMap((field) => coOwnersOf(live, field)));
  if (owners.size === 0) return error;
  const { message, details, subject = formatRef(refOf(live)) } = error;
  const names = [...owners].map((name) => `"${name}"`).join(', ');
  return new DsdeployError('OBJECT_INVALID', message, {
    subject,
    details,
    hint: `The item in the cluster stays beside the new one, because ${names} owns it too: remove it there first, or keep its key in the spec.`,
    cause: error,
  });
}

interface TakeOptions {
  readonly take: readonly string[];
  /** Whether a manager gives its fields up as a whole. */
  readonly gives: (manager: string) => boolean;
}

/** The fields of a conflict when all of them were named to be taken; else throws it, explained. */
function takenFields(
  error: unknown,
  pair: LivePair,
  { take, gives }: TakeOptions,
): readonly string[] {
  if (!(error instanceof DsdeployError) || error.code !== 'FIELD_CONFLICT') throw error;
  const details = error.details.filter(({ message }) => !gives(managerIn(message)));
  const isTakeable = ({ location }: ErrorDetail) =>
    location !== undefined && isTaken(location, take);
  if (error.details.length === 0 || !details.every(isTakeable))
    throw explainConflict(error, details, pair);
  return [...new Set(details.flatMap(({ location }) => location ?? []))];
}

/** The manager in `owned by "helm" using v1`. */
function managerIn(message: string): string {
  return /^owned by "([^"]*)"/.exec(message)?.[1] ?? '';
}

/** Adds both values and the choices to a conflict. */
function explainConflict(
  error: DsdeployError,
  conflicts: readonly ErrorDetail[],
  objects: LivePair,
): DsdeployError {
  const details = conflicts.map((detail) => {
    const values =
      detail.location === undefined ? undefined : describeConflict(detail.location, objects);
    const { message } = detail;
    return values === undefined ? detail : { ...detail, message: `${message}; ${values}` };
  });
  const fields = new Set(details.flatMap(({ location }) => location ?? []));
  const takes = [...fields].map((field) => `--take '${field}'`);
  return new DsdeployError('FIELD_CONFLICT', error.message, {
    subject: formatRef(refOf(objects.live)),
    details,
    hint: `Take them over with ${takes.join(' ')}, leave them by setting the spec to what the cluster has, or stop and ask the owner.`,
    cause: error,
  });
}
