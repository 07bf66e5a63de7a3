import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyPlan } from '../../src/actions/apply/index.ts';
import { destroyDeployment, planDestroy } from '../../src/actions/destroy/index.ts';
import type { Clock } from '../../src/actions/host.ts';
import {
  assertPreflight,
  findAccessRules,
  planWithPreflight,
  renderAccess,
  runPreflight,
} from '../../src/actions/preflight/index.ts';
import { toPlanRequest } from '../../src/actions/render/plan-request.ts';
import { type Cluster, openCluster } from '../../src/cluster/index.ts';
import { planLayout } from '../../src/layout/index.ts';
import type { Manifest } from '../../src/manifest/index.ts';
import { type AccessRole, formatResource, type PreflightFinding } from '../../src/plan/index.ts';
import {
  mintKubeconfig,
  type SandboxState,
  startSandbox,
  stopSandbox,
} from '../../src/sandbox/index.ts';
import type { Spec } from '../../src/spec/index.ts';
import { errorOf } from '../actions/error-of.ts';
import { RecordingHost } from '../actions/recording-host.ts';
import { aTemplateSpec } from '../render/a-layout.ts';

const host = new RecordingHost();
const clock: Clock = {
  nowMs: () => Date.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};
const write = { dryRun: false, force: true };

let directory = '';
let state: SandboxState;
let admin: Cluster;
const opened: Cluster[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dsdeploy-preflight-'));
  const name = `preflight-${String(process.pid)}`;
  const nodes = [{ kind: 'h200', count: 2 }] as const;
  state = await startSandbox({ name, directory: join(directory, 'sandbox'), nodes });
  admin = await openCluster({ kubeconfig: state.kubeconfigPath });
  opened.push(admin);
}, 900_000);

afterAll(async () => {
  for (const cluster of opened) await cluster.close();
  await stopSandbox(join(directory, 'sandbox'));
  await rm(directory, { recursive: true, force: true });
}, 60_000);

/** Opens the sandbox as somebody who may do nothing yet. */
async function openAs(user: string): Promise<Cluster> {
  const path = await mintKubeconfig(state, { user, path: join(directory, `${user}.kubeconfig`) });
  const cluster = await openCluster({ kubeconfig: path });
  opened.push(cluster);
  return cluster;
}

async function makeNamespace(name: string, level = 'privileged'): Promise<void> {
  const labels = { 'pod-security.kubernetes.io/enforce': level };
  await admin.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }, write);
}

/** The template's deployment, in a namespace that somebody else made unless told otherwise. */
function requestFor(namespace: string, change: Partial<Spec> = {}) {
  const spec = { ...aTemplateSpec('h200-vllm-2-nodes'), namespace, createNamespace: false };
  return toPlanRequest(planLayout({ ...spec, ...change }));
}

/** The objects of one role for one user, without those for a namespace the sandbox does not have. */
function roleFor(
  user: string,
  role: AccessRole,
  request: ReturnType<typeof requestFor>,
): readonly Manifest[] {
  const roles = renderAccess(request, { kind: 'User', name: user });
  const manifests = roles.find((one) => one.role === role)?.manifests ?? [];
  return manifests.filter(({ metadata }) => metadata.namespace !== 'lws-system');
}

/** Applies a role and waits until the server goes by it. */
async function grant(
  manifests: readonly Manifest[],
  settled: () => Promise<boolean>,
): Promise<void> {
  for (const manifest of manifests) await admin.apply(manifest, write);
  const deadlineMs = Date.now() + 60_000;
  while (!(await settled())) {
    if (Date.now() > deadlineMs) throw new Error('the role was never granted');
    await clock.sleep(50);
  }
}

async function find(
  request: ReturnType<typeof requestFor>,
  cluster: Cluster,
): Promise<PreflightFinding[]> {
  return await runPreflight(request, { cluster });
}

async function errorsOf(request: ReturnType<typeof requestFor>, cluster: Cluster) {
  return (await find(request, cluster)).filter(({ level }) => level === 'error');
}

function permissionTexts(findings: readonly PreflightFinding[]): string[] {
  return findings.filter(({ code }) => code === 'PERMISSION_MISSING').map(({ what }) => what);
}

const owner = { operator: 'ann@laptop', processId: 1 };
const lock = { owner, clock };

describe('the roles of plan --rbac', { timeout: 120_000 }, () => {
  test('without any, the missing rights are one list and the plan tells them all', async () => {
    await makeNamespace('bare');
    const request = requestFor('bare');
    const nobody = await openAs('nobody');
    const missing = permissionTexts(await find(request, nobody));
    for (const kind of ['leaderworkersets', 'configmaps', 'services', 'networkpolicies'])
      expect(missing.join('\n')).toContain(kind);
    const options = { skip: false, purpose: 'plan' };
    const error = await errorOf(planWithPreflight(request, { cluster: nobody, host }, options));
    expect(error.code).toBe('PREFLIGHT_FAILED');
    // One line per resource: the kinds of the template, of which one is that of the inventory, and the lock.
    const kinds = new Set([...request.manifests.map(({ kind }) => kind), 'Lease']);
    expect(error.details).toHaveLength(kinds.size);
  });

  test('let plan, apply and destroy do their work, and nothing more is needed', async () => {
    await makeNamespace('least');
    const request = requestFor('least');
    const options = { skip: false, purpose: 'apply' };

    const planner = await openAs('planner');
    await grant(roleFor('planner', 'view-plan', request), async () => {
      const texts = permissionTexts(await errorsOf(request, planner));
      return texts.every((text) => /configmaps|leases/.test(text));
    });
    const plan = await planWithPreflight(request, { cluster: planner, host }, options);
    expect(plan.changes.every(({ action }) => action === 'create')).toBe(true);

    const applier = await openAs('applier');
    await grant(roleFor('applier', 'apply', request), async () => {
      return (await errorsOf(request, applier)).length === 0;
    });
    const made = await planWithPreflight(request, { cluster: applier, host }, options);
    await applyPlan(made, { cluster: applier, host, lock });
    await applier.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace: 'least' });
    const fewer = { ...request, manifests: request.manifests.slice(1) };
    await applyPlan(await planWithPreflight(fewer, { cluster: applier, host }, options), {
      cluster: applier,
      host,
      lock,
    });

    const destroyer = await openAs('destroyer');
    await grant(roleFor('destroyer', 'destroy', request), async () => {
      const denied = await destroyer.findDenied([
        { verb: 'delete', group: '', resource: 'configmaps', namespace: 'least' },
      ]);
      return denied.length === 0;
    });
    const destroy = await planDestroy(request.deployment, { cluster: destroyer });
    const { deleted } = await destroyDeployment(destroy, {
      cluster: destroyer,
      host,
      clock,
      owner,
    });
    expect(deleted).toHaveLength(request.manifests.length - 1);
  });

  test('work where dsdeploy makes the namespace too', async () => {
    const request = requestFor('made-by-us', { createNamespace: true });
    const user = await openAs('founder');
    const manifests = [
      ...roleFor('founder', 'apply', request),
      ...roleFor('founder', 'destroy', request),
    ];
    // Rights that only a deletion needs are warnings, and the server may learn of them last.
    await grant(manifests, async () => permissionTexts(await find(request, user)).length === 0);
    const options = { skip: false, purpose: 'apply' };
    await applyPlan(await planWithPreflight(request, { cluster: user, host }, options), {
      cluster: user,
      host,
      lock,
    });
    // The API server learns of the rights to list one after another.
    const planned = () => planDestroy(request.deployment, { cluster: user });
    await expect.poll(async () => (await planned()).retained, { timeout: 30_000 }).toEqual([]);
    const gone = await destroyDeployment(await planned(), { cluster: user, host, clock, owner });
    expect(gone.retained).toEqual([]);
    const namespace = { apiVersion: 'v1', kind: 'Namespace', name: 'made-by-us' };
    await expect.poll(() => admin.get(namespace), { timeout: 60_000 }).toBeUndefined();
  });

  test('with one verb less, preflight names that verb and no other', async () => {
    await makeNamespace('one-less');
    const request = requestFor('one-less');
    const user = await openAs('one-less');
    // Without the rights over the whole cluster, which would stand in for some of the namespace.
    const roles = roleFor('one-less', 'apply', request).filter(({ kind }) =>
      kind.startsWith('Role'),
    );
    await grant(roles, async () => (await errorsOf(request, user)).length === 0);
    const before = new Set(permissionTexts(await find(request, user)));
    const newTexts = async () =>
      permissionTexts(await find(request, user)).filter((text) => !before.has(text));
    const needed = findAccessRules(request)
      .filter(({ purpose }) => ['plan', 'apply', 'health'].includes(purpose))
      .flatMap((rule) => rule.verbs.map((verb) => `${verb} ${formatResource(rule)}`));
    const tried = withOneVerbLess(roles).filter(({ right }) => needed.includes(right));
    const told: string[] = [];
    for (const { manifest } of tried) {
      await grant([manifest], async () => (await newTexts()).length > 0);
      told.push((await newTexts()).join());
      await grant(roles, async () => (await newTexts()).length === 0);
    }
    expect(tried.length).toBeGreaterThan(25);
    expect(told.map((text) => /^You may not ([^:]+):[^:]*$/.exec(text)?.[1])).toEqual(
      tried.map(({ right, names: [name] }) => (name === undefined ? right : `${right}/${name}`)),
    );
  });
});

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** Every role with one verb of one rule taken out. */
function withOneVerbLess(manifests: readonly Manifest[]) {
  const roles = manifests.filter(({ kind }) => kind === 'Role');
  return roles.flatMap((manifest) => {
    const rules = manifest['rules'] as readonly Rule[];
    return rules.flatMap((rule, at) =>
      rule.verbs.map((verb) => {
        const verbs = rule.verbs.filter((other) => other !== verb);
        const left = rules.flatMap((other, index) => {
          if (index !== at) return [other];
          return verbs.length === 0 ? [] : [{ ...other, verbs }];
        });
        const [group = '', resource = ''] = [rule.apiGroups[0], rule.resources[0]];
        return {
          right: `${verb} ${formatResource({ group, resource })}`,
          names: rule.resourceNames ?? [],
          manifest: { ...manifest, rules: left },
        };
      }),
    );
  });
}

describe('preflight on a real API server', { timeout: 60_000 }, () => {
  test('finds nothing wrong with the template, except what the sandbox does not have', async () => {
    await makeNamespace('clean');
    const findings = await find(requestFor('clean'), admin);
    expect(findings.map(({ code, level, where }) => ({ code, level, where }))).toEqual([
      {
        code: 'CHECK_IMPOSSIBLE',
        level: 'unknown',
        where: 'Deployment/lws-system/lws-controller-manager',
      },
    ]);
  });

  test('lists all that is wrong at once, and apply stops before the first write', async () => {
    const namespace = 'trouble';
    await makeNamespace(namespace, 'restricted');
    await admin.apply(
      {
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { name: 'small', namespace },
        spec: { hard: { 'requests.nvidia.com/gpu': '8', pods: '10' } },
      },
      write,
    );
    await admin.apply(
      {
        apiVersion: 'v1',
        kind: 'LimitRange',
        metadata: { name: 'modest', namespace },
        spec: { limits: [{ type: 'Container', max: { memory: '64Gi' } }] },
      },
      write,
    );
    await admin.apply(
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'weights', namespace },
        spec: {
          accessModes: ['ReadWriteOnce'],
          storageClassName: 'absent',
          resources: { requests: { storage: '1Ti' } },
        },
      },
      write,
    );
    const template = aTemplateSpec('h200-vllm-2-nodes');
    const source = { kind: 'pvc', claimName: 'weights' } as const;
    const request = requestFor(namespace, {
      model: { ...template.model, weights: { ...template.model.weights, source } },
      groups: template.groups.map((group) => ({ ...group, imagePullSecrets: ['absent'] })),
      pools: template.pools.map((pool) => ({ ...pool, nodeSelector: { rack: 'nowhere' } })),
      api: {
        ...template.api,
        keySecret: { name: 'absent', key: 'api-key', generate: false },
      },
    });
    const findings = await find(request, admin);
    expect(findings.map(({ code }) => code)).toEqual([
      'KEY_SECRET_MISSING',
      'LIMIT_RANGE_REFUSES',
      'LIMIT_RANGE_REFUSES',
      'NODES_MISSING',
      'POD_SECURITY_REFUSES',
      'QUOTA_EXCEEDED',
      'STORAGE_CLASS_MISSING',
      'VOLUME_CLAIM_ACCESS',
      'PULL_SECRET_MISSING',
      'CHECK_IMPOSSIBLE',
    ]);
    expect(() => {
      assertPreflight(findings, { name: 'deepseek', purpose: 'apply' });
    }).toThrow('8 findings stand against it, and nothing was written');
  });

  test('counts what pods of others hold on the nodes, and forgets it when they end', async () => {
    await makeNamespace('others');
    const resources = { limits: { 'nvidia.com/gpu': '1', cpu: '1', memory: '1Gi' } };
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'batch', namespace: 'others' },
      spec: {
        nodeName: 'h200-0',
        containers: [{ name: 'batch', image: 'batch', resources }],
      },
    };
    const { object } = await admin.apply(pod, write);
    const request = requestFor('others');
    const busy = await errorsOf(request, admin);
    expect(busy.map(({ code }) => code)).toEqual(['NODES_BUSY']);
    expect(busy[0]?.what).toContain('h200-0 has nvidia.com/gpu 7 of 8 free');
    await admin.delete(
      { apiVersion: 'v1', kind: 'Pod', namespace: 'others', name: 'batch' },
      { uid: object.metadata.uid },
    );
    await grant([], async () => (await errorsOf(request, admin)).length === 0);
  });

  test('says what it may not read, and passes nothing for it', async () => {
    await makeNamespace('narrow');
    const request = requestFor('narrow');
    const user = await openAs('narrow');
    const inside = roleFor('narrow', 'apply', request).filter(({ kind }) =>
      kind.startsWith('Role'),
    );
    await grant(inside, async () => (await errorsOf(request, user)).length === 0);
    const unknown = (await find(request, user)).filter(({ level }) => level === 'unknown');
    expect(unknown.map(({ where }) => where)).toContain('the cluster');
    expect(unknown.map(({ where }) => where)).toContain('Namespace/narrow');
    const options = { skip: false, purpose: 'plan' };
    const plan = await planWithPreflight(request, { cluster: user, host }, options);
    expect(plan.findings?.some(({ code }) => code === 'CHECK_IMPOSSIBLE')).toBe(true);
  });
});
