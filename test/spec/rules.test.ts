import { describe, expect, test } from 'vitest';
import { parseSpec } from '../../src/spec/index.ts';
import { aSpecText, issuesOf } from './a-spec-text.ts';

type Change = readonly [string, string];

const secondGroup = (name: string, pool = 'h200'): Change => [
  'api:',
  `  - { name: ${name}, engine: vllm, release: 0.33.0, pool: ${pool}, parallelism: auto }\napi:`,
];
const threeNodes: Change = ['nodes: 2', 'nodes: 3'];
const oneNode: Change = ['    pool: h200\n    nodes: 2', '    pool: h200'];
const noFabric: Change = [
  '    fabric:\n      socketInterface: eth0\n      rdma: { resource: rdma/shared, count: 1, linkLayer: infiniband }\n',
  '',
];
const vllmRelease = 'engine: vllm\n    release: 0.33.0';
const sglang = (release: string) => `engine: sglang\n    release: ${release}`;
const onMi355x: Change = ['accelerator: h200', 'accelerator: mi355x'];
const allowFrom = (peer: string): Change => ['  keySecret', `  allowFrom: [${peer}]\n  keySecret`];

describe('parseSpec() refuses', () => {
  test.each<{ changes: readonly Change[]; code: string; path: string; hint: string }>([
    {
      changes: [['    pvc: { claimName: weights }\n', '']],
      code: 'WEIGHTS_SOURCE',
      path: 'model.weights',
      hint: 'kubectl get pvc -n deepseek',
    },
    {
      changes: [['    pvc:', '    hostPath: { path: /a }\n    pvc:']],
      code: 'WEIGHTS_SOURCE',
      path: 'model.weights.hostPath',
      hint: 'Keep one',
    },
    {
      changes: [threeNodes, secondGroup('main')],
      code: 'DUPLICATE_GROUP',
      path: 'groups[1].name',
      hint: 'replicas',
    },
    {
      changes: [['name: main', 'name: leaders']],
      code: 'RESERVED_GROUP_NAME',
      path: 'groups[0].name',
      hint: 'any name but',
    },
    {
      changes: [
        ['name: deepseek\n', 'name: deepseek-production-0001\n'],
        ['name: main', 'name: group-of-two-00001'],
      ],
      code: 'NAME_TOO_LONG',
      path: 'groups[0].name',
      hint: 'by 3',
    },
    {
      changes: [['name: deepseek\n', 'name: vllm\n']],
      code: 'NAME_MAKES_ENGINE_VARIABLE',
      path: 'name',
      hint: 'another name',
    },
    {
      changes: [['  h200:\n', '  H200:\n']],
      code: 'INVALID_VALUE',
      path: 'pools.H200',
      hint: 'Write h200.',
    },
    {
      changes: [[vllmRelease, sglang('9.9.9')]],
      code: 'UNKNOWN_RELEASE',
      path: 'groups[0].release',
      hint: 'Use 0.5.23, 0.5.16 or 0.5.12.',
    },
    {
      changes: [[vllmRelease, sglang('0.33.0')]],
      code: 'UNKNOWN_RELEASE',
      path: 'groups[0].release',
      hint: 'Use 0.5.23, 0.5.16 or 0.5.12.',
    },
    {
      changes: [onMi355x, [vllmRelease, sglang('9.9.9')]],
      code: 'UNKNOWN_RELEASE',
      path: 'groups[0].release',
      hint: 'Use 0.5.12, which has an image for mi355x.',
    },
    {
      changes: [onMi355x, [vllmRelease, `${sglang('9.9.9')}\n    image: mine/sglang:1`]],
      code: 'UNKNOWN_RELEASE',
      path: 'groups[0].release',
      hint: 'Use 0.5.23, 0.5.16 or 0.5.12.',
    },
    {
      changes: [['pool: h200', 'pool: h20']],
      code: 'UNKNOWN_POOL',
      path: 'groups[0].pool',
      hint: 'Write h200.',
    },
    {
      changes: [['pool: h200', 'pool: mi355x']],
      code: 'UNKNOWN_POOL',
      path: 'groups[0].pool',
      hint: 'Use one of h200.',
    },
    {
      changes: [['name: main', 'name: main\n    replicas: 2']],
      code: 'POOL_OVERCOMMITTED',
      path: 'pools.h200.nodes',
      hint: 'to 4',
    },
    {
      changes: [['name: main', 'name: main\n    surge: 1']],
      code: 'POOL_OVERCOMMITTED',
      path: 'pools.h200.nodes',
      hint: 'to 4 if you have them, or lower nodes, surge or replicas',
    },
    {
      changes: [secondGroup('other')],
      code: 'POOL_OVERCOMMITTED',
      path: 'pools.h200.nodes',
      hint: 'to 3',
    },
    {
      changes: [['sharedMemory: 32Gi', 'sharedMemory: 1Ti']],
      code: 'SHARED_MEMORY_TOO_LARGE',
      path: 'pools.h200.pod.sharedMemory',
      hint: '32Gi',
    },
    {
      changes: [allowFrom('{}')],
      code: 'API_CLIENT_SHAPE',
      path: 'api.allowFrom[0]',
      hint: 'cidr',
    },
    {
      changes: [allowFrom('{ cidr: 10.0.0.0/8, podLabels: { a: b } }')],
      code: 'API_CLIENT_SHAPE',
      path: 'api.allowFrom[0]',
      hint: 'two entries',
    },
    {
      changes: [['      socketInterface: eth0\n', '']],
      code: 'FABRIC_MISSING',
      path: 'pools.h200.fabric.socketInterface',
      hint: 'ip -br addr',
    },
    {
      changes: [['      rdma: { resource: rdma/shared, count: 1, linkLayer: infiniband }\n', '']],
      code: 'FABRIC_MISSING',
      path: 'pools.h200.fabric.rdma',
      hint: 'rdma: none',
    },
    {
      changes: [['infiniband', 'roce']],
      code: 'GID_INDEX_MISSING',
      path: 'pools.h200.fabric.rdma.gidIndex',
      hint: 'show_gids',
    },
    {
      changes: [oneNode, ['      socketInterface: eth0', '      hostNetwork: true']],
      code: 'HOST_NETWORK_WITHOUT_INTERFACE',
      path: 'pools.h200.fabric.socketInterface',
      hint: 'ip -br addr',
    },
  ])('$code at $path', ({ changes, code, path, hint }) => {
    const [issue, ...others] = issuesOf(aSpecText(...changes));
    expect(others).toEqual([]);
    expect(issue).toMatchObject({ code, path });
    expect(issue?.hint).toContain(hint);
  });

  test('both fabric values at once, at the pool that lacks them', () => {
    const issues = issuesOf(aSpecText(noFabric));
    expect(issues.map(({ path, line }) => `${path} ${line}`)).toEqual([
      'pools.h200.fabric.socketInterface 9',
      'pools.h200.fabric.rdma 9',
    ]);
  });
});

describe('parseSpec() accepts', () => {
  test.each<{ what: string; changes: readonly Change[] }>([
    { what: 'no fabric on one node', changes: [oneNode, noFabric] },
    {
      what: 'rdma none on several nodes',
      changes: [['{ resource: rdma/shared, count: 1, linkLayer: infiniband }', 'none']],
    },
    {
      what: 'roce with a GID index',
      changes: [['linkLayer: infiniband', 'linkLayer: roce, gidIndex: 3']],
    },
    { what: 'IPv6 clients', changes: [allowFrom('{ cidr: "fd00::/8" }')] },
    {
      what: 'an open endpoint said on purpose',
      changes: [['{ name: deepseek-api-key, key: api-key }', 'none']],
    },
    { what: 'two groups that share a pool with room', changes: [threeNodes, secondGroup('other')] },
    {
      what: 'an object name of 40 characters',
      changes: [
        ['name: deepseek\n', `name: ${'a'.repeat(20)}\n`],
        ['name: main', `name: ${'b'.repeat(19)}`],
      ],
    },
  ])('$what', ({ changes }) => {
    expect(parseSpec(aSpecText(...changes), { fileName: 'f' })).toMatchObject({
      kind: 'spec',
      warnings: [],
    });
  });

  test('a pool that no group uses, with a warning', () => {
    const text = aSpecText(
      ['  h200:\n', '  spare: &base\n'],
      ['groups:', '  h200:\n    <<: *base\ngroups:'],
    );
    const result = parseSpec(text, { fileName: 'f' });
    expect(result).toMatchObject({ kind: 'spec', warnings: [{ code: 'POOL_UNUSED', line: 9 }] });
  });
});
