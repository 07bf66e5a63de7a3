import { releasesFor, releasesOf } from './catalog-names.ts';
import type { Draft } from './draft.ts';
import { fabricRules } from './fabric-rules.ts';
import { formatChoice } from './field-doc.ts';
import { type Finding, formatPath } from './issue.ts';
import { nearestName, toKubernetesName } from './nearest.ts';
import { poolName } from './schema-pools.ts';

/** Something a schema cannot say about one file. */
export type SpecRule = (draft: Draft) => readonly Finding[];

/** Names that objects dsdeploy makes beside the groups already have, after `<name>-`. */
const reservedGroupNames: readonly string[] = ['api', 'inventory', 'leaders', 'start'];

/**
 * Longest `<name>-<group>`, in characters.
 *
 * LeaderWorkerSet adds group and worker numbers and a revision hash to this name and keeps the
 * result in labels of at most 63 characters.
 */
const longestObjectName = 40;

/** Rules that know more of a value than the schema does, and so speak in its place. */
export const specValueRules: readonly SpecRule[] = [releasesExist];

/** Rules whose findings refuse the file. */
export const specRules: readonly SpecRule[] = [
  weightsHaveOneSource,
  groupNamesAreUnique,
  groupNamesAreNotReserved,
  objectNamesAreShort,
  nameMakesNoEngineVariable,
  poolNamesAreLabels,
  poolsExist,
  poolsHaveEnoughNodes,
  sharedMemoryFitsInMemory,
  apiClientsHaveOneShape,
  ...fabricRules,
];

/** Rules whose findings are only told. */
export const specWarningRules: readonly SpecRule[] = [poolsAreUsed];

function weightsHaveOneSource({ model }: Draft): Finding[] {
  if (model?.weights === undefined) return [];
  const { pvc, hostPath, image } = model.weights;
  const sources = Object.entries({ pvc, hostPath, image }).flatMap(([key, value]) =>
    value === undefined ? [] : [key],
  );
  if (sources.length === 1) return [];
  const none = sources.length === 0;
  return [
    {
      code: 'WEIGHTS_SOURCE',
      path: ['model', 'weights', ...(none ? [] : [sources[1] ?? ''])],
      at: 'key',
      message: none
        ? 'model.weights does not say where the weights lie'
        : `model.weights has ${sources.length} sources: ${sources.join(', ')}`,
      hint: none
        ? 'Add pvc (`kubectl get pvc -n NAMESPACE` lists them), hostPath or image.'
        : 'Keep one of them.',
    },
  ];
}

function groupNamesAreUnique({ groups }: Draft): Finding[] {
  return groups.flatMap(({ name }, index) => {
    const first = groups.findIndex((other) => other.name === name);
    if (name === undefined || first === index) return [];
    return [
      {
        code: 'DUPLICATE_GROUP',
        path: ['groups', index, 'name'],
        message: `Two groups are called "${name}": groups[${first}] and groups[${index}]`,
        hint: 'Give each group its own name; for copies of one group set replicas.',
      },
    ];
  });
}

function groupNamesAreNotReserved({ groups }: Draft): Finding[] {
  return groups.flatMap(({ name }, index) => {
    if (name === undefined || !reservedGroupNames.includes(name)) return [];
    return [
      {
        code: 'RESERVED_GROUP_NAME',
        path: ['groups', index, 'name'],
        message: `A group cannot be called "${name}": an object beside the groups has that name`,
        hint: `Use any name but ${reservedGroupNames.join(', ')}.`,
      },
    ];
  });
}

function objectNamesAreShort({ name, groups }: Draft): Finding[] {
  return groups.flatMap((group, index) => {
    if (name === undefined || group.name === undefined) return [];
    const objectName = `${name}-${group.name}`;
    if (objectName.length <= longestObjectName) return [];
    return [
      {
        code: 'NAME_TOO_LONG',
        path: ['groups', index, 'name'],
        message: `The object name "${objectName}" has ${objectName.length} characters, and Kubernetes labels leave room for ${longestObjectName}`,
        hint: `Shorten name or groups[${index}].name by ${objectName.length - longestObjectName}.`,
      },
    ];
  });
}

function nameMakesNoEngineVariable({ name }: Draft): Finding[] {
  if (name !== 'vllm') return [];
  return [
    {
      code: 'NAME_MAKES_ENGINE_VARIABLE',
      path: ['name'],
      message:
        'A deployment cannot be called "vllm": Kubernetes gives pods a VLLM_PORT for a Service of that name, which vLLM cannot read',
      hint: 'Use another name, such as deepseek.',
    },
  ];
}

function releasesExist({ groups, pools }: Draft): Finding[] {
  return groups.flatMap(({ engine = '', release, image, pool = '' }, index) => {
    const known = releasesOf(engine);
    // An unknown engine is the schema's to report.
    if (release === undefined || known.length === 0 || known.includes(release)) return [];
    // Whoever names an image may run any release on any device.
    const device = image === undefined ? pools[pool]?.accelerator : undefined;
    const usable = releasesFor(engine, device);
    const why = usable.length < known.length ? `, which has an image for ${device ?? ''}` : '';
    return [
      {
        code: 'UNKNOWN_RELEASE',
        path: ['groups', index, 'release'],
        message: `The catalog has no release ${release} of ${engine}`,
        hint: `Use ${formatChoice(usable)}${why}.`,
      },
    ];
  });
}

function poolNamesAreLabels({ pools }: Draft): Finding[] {
  return Object.keys(pools).flatMap((pool) => {
    if (poolName.safeParse(pool).success) return [];
    const suggested = toKubernetesName(pool);
    const hint = poolName.safeParse(suggested).success ? suggested : 'a name such as h200';
    return [
      {
        code: 'INVALID_VALUE',
        path: ['pools', pool],
        at: 'key',
        message: `A pool's name must be lower-case letters, digits and dashes, starting with a letter, not "${pool}"`,
        hint: `Write ${hint}.`,
      },
    ];
  });
}

function poolsExist({ pools, groups }: Draft): Finding[] {
  const names = Object.keys(pools);
  return groups.flatMap(({ pool }, index) => {
    // Without any pool the missing mapping is the problem, and it is reported already.
    if (pool === undefined || names.length === 0 || names.includes(pool)) return [];
    // The pool is there under a name that has to be mended to this one.
    if (names.some((name) => toKubernetesName(name) === pool)) return [];
    const near = nearestName(pool, names);
    return [
      {
        code: 'UNKNOWN_POOL',
        path: ['groups', index, 'pool'],
        message: `There is no pool "${pool}"`,
        hint: near === undefined ? `Use one of ${names.join(', ')}.` : `Write ${near}.`,
      },
    ];
  });
}

function poolsHaveEnoughNodes({ pools, groups }: Draft): Finding[] {
  return Object.entries(pools).flatMap(([pool, { nodes }]) => {
    const users = groups.filter((group) => group.pool === pool);
    const needed = users.reduce(
      (sum, group) => sum + (group.nodes ?? 0) * ((group.replicas ?? 0) + (group.surge ?? 0)),
      0,
    );
    if (nodes === undefined || needed <= nodes) return [];
    const hasSurge = users.some(({ surge }) => (surge ?? 0) > 0);
    const terms = users.map(({ name, nodes: span, replicas, surge }) => {
      const copies = hasSurge ? `(${replicas ?? '?'} + ${surge ?? '?'})` : (replicas ?? '?');
      return `${name ?? 'a group'} ${span ?? '?'} x ${copies}`;
    });
    const product = hasSurge ? 'nodes x (replicas + surge)' : 'nodes x replicas';
    return [
      {
        code: 'POOL_OVERCOMMITTED',
        path: ['pools', pool, 'nodes'],
        message: `Pool "${pool}" has ${formatNodes(nodes)} and its groups need ${needed} (${product}: ${terms.join(', ')})`,
        hint: `Raise ${formatPath(['pools', pool, 'nodes'])} to ${needed} if you have them, or lower nodes${hasSurge ? ', surge' : ''} or replicas of a group.`,
      },
    ];
  });
}

function sharedMemoryFitsInMemory({ pools }: Draft): Finding[] {
  return Object.entries(pools).flatMap(([pool, { pod }]) => {
    if (pod?.memory === undefined || pod.sharedMemory === undefined) return [];
    if (pod.sharedMemory < pod.memory) return [];
    return [
      {
        code: 'SHARED_MEMORY_TOO_LARGE',
        path: ['pools', pool, 'pod', 'sharedMemory'],
        message: `pools.${pool}.pod.sharedMemory is not smaller than memory, and counts against it`,
        hint: 'Lower sharedMemory; 32Gi is enough for eight ranks.',
      },
    ];
  });
}

function apiClientsHaveOneShape({ api }: Draft): Finding[] {
  return (api?.allowFrom ?? []).flatMap((client, index) => {
    const byLabels = client.namespaceLabels !== undefined || client.podLabels !== undefined;
    const byRange = client.cidr !== undefined;
    if (byLabels !== byRange) return [];
    return [
      {
        code: 'API_CLIENT_SHAPE',
        path: ['api', 'allowFrom', index],
        message: byRange
          ? `api.allowFrom[${index}] has both cidr and labels, and a NetworkPolicy peer is one or the other`
          : `api.allowFrom[${index}] names nobody`,
        hint: byRange
          ? 'Make two entries of it.'
          : 'Add namespaceLabels, podLabels or cidr, or remove the entry.',
      },
    ];
  });
}

function poolsAreUsed({ pools, groups }: Draft): Finding[] {
  return Object.keys(pools).flatMap((pool) => {
    if (groups.some((group) => group.pool === pool)) return [];
    const message = `No group uses pool "${pool}"`;
    return [{ code: 'POOL_UNUSED', path: ['pools', pool], at: 'key', message }];
  });
}

function formatNodes(count: number): string {
  return count === 1 ? '1 node' : `${count} nodes`;
}
