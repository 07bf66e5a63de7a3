import type { Cluster, ListOptions, LiveObject } from '../../cluster/cluster.ts';
import { DsdeployError } from '../../errors/index.ts';
import { identityOf, type ObjectRef } from '../../manifest/index.ts';
import { applySetNames } from '../../plan/index.ts';

/** From this many objects of one kind in one namespace on, one list of all is less work than as many reads. */
const listFrom = 8;

/** From this many members of one kind in one namespace on, one list of the members alone is. */
const listMembersFrom = 2;

/** Reads one object of those the reader was made for. */
export type ReadObject = (ref: ObjectRef) => Promise<LiveObject | undefined>;

/** Objects that are thought to carry the label of a deployment. */
export interface Members {
  readonly setId: string;
  readonly refs: readonly ObjectRef[];
}

export interface ReaderPorts {
  readonly cluster: Pick<Cluster, 'get' | 'list'>;
  /**
   * What is looked for by its label first. One that has lost it is found all the same.
   *
   * @default - nothing
   */
  readonly members?: Members;
}

/** Objects of one kind in one namespace that are read together. */
interface Group {
  readonly refs: readonly ObjectRef[];
  /** Labelled ones, listed once and when first needed; `undefined` when there is no list. */
  readonly members: () => Promise<LiveByIdentity | undefined>;
  /** The same for those among all of the kind. */
  readonly all: () => Promise<LiveByIdentity | undefined>;
}

type LiveByIdentity = ReadonlyMap<string, LiveObject>;

/**
 * Makes a reader for a known set of objects. Where there are many of a kind in a namespace it lists
 * them: members of the deployment by their label, others among all of their kind. Where listing is
 * forbidden, and what no list has, it reads one by one.
 */
export function createReader(refs: readonly ObjectRef[], ports: ReaderPorts): ReadObject {
  const groups = new Map(
    [...Map.groupBy(refs, groupKey)].map(([key, inGroup]) => [key, toGroup(inGroup, ports)]),
  );
  return async (ref) => {
    const group = groups.get(groupKey(ref));
    if (ref.namespace === undefined || group === undefined) return ports.cluster.get(ref);
    const members = await group.members();
    const member = members?.get(identityOf(ref));
    if (member !== undefined) return member;
    if (group.refs.length - (members?.size ?? 0) < listFrom) return ports.cluster.get(ref);
    const all = await group.all();
    return all === undefined ? ports.cluster.get(ref) : all.get(identityOf(ref));
  };
}

function toGroup(refs: readonly ObjectRef[], { cluster, members }: ReaderPorts): Group {
  const labelled = new Set((members?.refs ?? []).map(identityOf));
  const count = refs.filter((ref) => labelled.has(identityOf(ref))).length;
  const selector = { labelSelector: `${applySetNames.partOf}=${members?.setId ?? ''}` };
  const isListed = count >= (isSecret(refs) ? listFrom : listMembersFrom);
  return {
    refs,
    members: once(async () => (isListed ? listWanted(refs, cluster, selector) : undefined)),
    all: once(() => listWanted(refs, cluster, {})),
  };
}

/** The right to list Secrets is the right to read all of them, which few have and nobody is asked for. */
function isSecret([first]: readonly ObjectRef[]): boolean {
  return first?.kind === 'Secret';
}

function groupKey({ apiVersion, kind, namespace = '' }: ObjectRef): string {
  return [apiVersion, kind, namespace].join('|');
}

function once<Result>(work: () => Promise<Result>): () => Promise<Result> {
  let running: Promise<Result> | undefined;
  return () => (running ??= work());
}

/** The wanted objects in a list of their kind; nothing else of it is kept. */
async function listWanted(
  wanted: readonly ObjectRef[],
  cluster: Pick<Cluster, 'list'>,
  options: ListOptions,
): Promise<LiveByIdentity | undefined> {
  const [first] = wanted;
  if (first === undefined) return undefined;
  const { apiVersion, kind, namespace } = first;
  const place = namespace === undefined ? {} : { namespace };
  try {
    const objects = await cluster.list({ apiVersion, kind }, { ...options, ...place });
    const names = new Set(wanted.map(({ name }) => name));
    return new Map(
      objects
        .filter(({ metadata }) => names.has(metadata.name))
        .map((object) => {
          const ref = { apiVersion, kind, name: object.metadata.name, ...place };
          return [identityOf(ref), object];
        }),
    );
  } catch (error) {
    if (error instanceof DsdeployError && error.code === 'CLUSTER_FORBIDDEN') return undefined;
    throw error;
  }
}
