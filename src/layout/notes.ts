import type { RankMemory } from '../capacity/index.ts';
import { findImage } from '../catalog/index.ts';
import type { Note, PodAccess } from '../engines/index.ts';
import type { Parallelism, Spec } from '../spec/index.ts';
import { formatGb, parseBytes } from '../units/index.ts';
import { devicesPerPod } from './check-parallelism.ts';
import type { GroupFacts } from './group-facts.ts';
import type { StartupBudget } from './layout.ts';
import { mixedNotes } from './mixed-notes.ts';
import { narrowMemoryNotes } from './narrow-memory.ts';
import { podSecurityOf } from './pod-security.ts';

/** Ports below are for root, unless the runtime says otherwise. */
const leastUnprivilegedPort = 1024;

interface NoteContext {
  readonly spec: Spec;
  readonly parallelism: Parallelism;
  readonly memory: RankMemory;
  readonly image: string;
  readonly startup: StartupBudget;
  readonly access: PodAccess;
}

/** What holds for a placed group whatever its engine. */
export function layoutNotes(facts: GroupFacts, context: NoteContext): Note[] {
  return [
    {
      code: 'NOT_RUN_ON_HARDWARE',
      level: 'warning',
      unverified: true,
      message:
        "checked against the engine's own argument parser and published logs, not run on hardware " +
        'by the authors of dsdeploy',
    },
    ...narrowMemoryNotes(facts, context),
    ...idleDevices(facts, context),
    ...imageByTag(facts, context),
    ...pageCache(facts, context),
    ...tcpFabric(facts),
    ...mixedNotes(facts, context.spec),
    ...openEndpoint(context),
    ...lowPort(facts, context),
    ...securityExceptions(facts, context),
    ...readOnlyRoot(facts, context),
  ];
}

function idleDevices({ group, pool }: GroupFacts, { parallelism }: NoteContext): Note[] {
  const used = devicesPerPod(parallelism, group.nodes);
  if (used === pool.devicesPerNode) return [];
  return [
    {
      code: 'IDLE_DEVICES',
      level: 'warning',
      message: `${pool.devicesPerNode - used} of ${pool.devicesPerNode} devices on each node stay idle`,
    },
  ];
}

function imageByTag({ group, release, accelerator }: GroupFacts, { image }: NoteContext): Note[] {
  if (image.includes('@sha256:')) return [];
  const guessed =
    group.image === undefined && findImage(release, accelerator)?.label === 'unverified';
  return [
    {
      code: 'IMAGE_BY_TAG',
      level: 'warning',
      message: `image ${image} is named by tag, which can move: pin a digest with groups[].image`,
    },
    ...(guessed ? [unseenTag(image)] : []),
  ];
}

function unseenTag(image: string): Note {
  return {
    code: 'IMAGE_TAG_UNVERIFIED',
    level: 'warning',
    message: `the tag of ${image} follows the project's naming scheme and was not looked up: check that it exists`,
  };
}

function pageCache({ pool }: GroupFacts, { startup }: NoteContext): Note[] {
  const memoryBytes = parseBytes(pool.pod.memory);
  if (memoryBytes === undefined || memoryBytes >= startup.readBytesPerNode) return [];
  return [
    {
      code: 'PAGE_CACHE_SMALL',
      level: 'info',
      message:
        `pod memory ${pool.pod.memory} cannot hold the ${formatGb(startup.readBytesPerNode)} checkpoint ` +
        'in page cache: a restart reads it from storage again, and ranks that drift apart may too',
    },
  ];
}

function tcpFabric({ group, pool, accelerator }: GroupFacts): Note[] {
  // Ascend devices bring their own network ports, which are not RDMA devices of the host.
  if (group.nodes === 1 || accelerator.vendor === 'huawei' || pool.fabric.rdma !== 'none')
    return [];
  return [
    {
      code: 'FABRIC_TCP',
      level: 'warning',
      message: 'rdma: none: expert traffic between nodes goes over TCP and will limit throughput',
    },
  ];
}

function openEndpoint({ spec }: NoteContext): Note[] {
  if (spec.api.keySecret !== 'none') return [];
  return [
    {
      code: 'API_WITHOUT_KEY',
      level: 'warning',
      message: 'keySecret: none: whoever reaches the port may use it',
    },
  ];
}

function runsAsRoot({ group, pool }: GroupFacts, { spec, access }: NoteContext): boolean {
  const rights = { access, pool, podsPerGroup: group.nodes };
  return podSecurityOf(rights, spec.model.weights.source).user.user === 0;
}

/** containerd 2 lets every user open low ports; older runtimes and CRI-O do so when they are told to. */
function lowPort(facts: GroupFacts, context: NoteContext): Note[] {
  const { port } = facts.api;
  if (port >= leastUnprivilegedPort || runsAsRoot(facts, context)) return [];
  return [
    {
      code: 'API_PORT_PRIVILEGED',
      level: 'warning',
      message: `api.port ${port} is below ${leastUnprivilegedPort} and the engine does not run as root: where the container runtime keeps low ports for root it cannot open it; 8000 works everywhere`,
    },
  ];
}

/** An engine that writes elsewhere fails only when it first does, which may be long after the start. */
function readOnlyRoot(facts: GroupFacts, context: NoteContext): Note[] {
  if (runsAsRoot(facts, context)) return [];
  return [
    {
      code: 'READ_ONLY_ROOT',
      level: 'info',
      unverified: true,
      message:
        'the root file system is read-only, which the engine was not tried with: it writes to /cache ' +
        '(HOME and caches), /tmp and /dev/shm; should it miss another directory, point it there with groups[].extraEnv',
    },
  ];
}

/** Every departure from the `restricted` Pod Security Standard, as the manifests state it too. */
function securityExceptions({ group, pool }: GroupFacts, { spec, access }: NoteContext): Note[] {
  const rights = { access, pool, podsPerGroup: group.nodes };
  const { exceptions } = podSecurityOf(rights, spec.model.weights.source);
  return exceptions.map((message) => ({ code: 'SECURITY_EXCEPTION', level: 'info', message }));
}
