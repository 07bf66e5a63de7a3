import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { waitForHealth } from '../../src/actions/health/index.ts';
import { openCluster } from '../../src/cluster/index.ts';
import { accessRules, rulesOfRole } from '../../src/plan/rights/rbac.ts';
import { renderManifests } from '../../src/render/index.ts';
import { ensureSandboxBinaries } from '../../src/sandbox/index.ts';
import { FakeHost } from '../actions/health/fakes.ts';
import { OpenAiEndpoint } from '../fixtures/openai-endpoint.ts';
import { aDeployment, apiKey, clock, HealthSandbox, outcomes } from './health-sandbox.ts';

/** A first build takes about ten minutes on two cores, more beside other tests. */
const buildTimeoutMs = 30 * 60_000;
const bootTimeoutMs = 120_000;
const testTimeoutMs = 120_000;

const layout = aDeployment('blind');
const { namespace } = layout.spec;

let sandbox: HealthSandbox;

beforeAll(async () => {
  await ensureSandboxBinaries();
}, buildTimeoutMs);

beforeAll(async () => {
  sandbox = await HealthSandbox.start('blind', 2);
  await sandbox.deploy(layout);
  expect((await sandbox.wait(layout)).verdict).toBe('healthy');
}, bootTimeoutMs);

afterAll(async () => {
  await sandbox.stop();
}, testTimeoutMs);

/** What a user needs for a full answer, a right per entry. */
const rights = {
  sets: {
    apiGroups: ['leaderworkerset.x-k8s.io'],
    resources: ['leaderworkersets'],
    verbs: ['get', 'list', 'watch'],
  },
  pods: { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] },
  service: { apiGroups: [''], resources: ['services'], verbs: ['get'] },
  secrets: { apiGroups: [''], resources: ['secrets'], verbs: ['get'] },
  slices: { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list'] },
  policies: { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: ['list'] },
  forwards: { apiGroups: [''], resources: ['pods/portforward'], verbs: ['get', 'create'] },
} as const;

type Right = keyof typeof rights;

function rulesWithout(missing: Right | undefined): readonly object[] {
  return Object.entries(rights).flatMap(([name, rule]) => (name === missing ? [] : [rule]));
}

describe('a user whose rights end somewhere', { timeout: testTimeoutMs }, () => {
  test.each<{ missing: Right; check: string; advice: string }>([
    { missing: 'sets', check: 'lws-available', advice: 'leaderworkersets' },
    { missing: 'pods', check: 'pods-present', advice: 'list pods' },
    { missing: 'service', check: 'service-endpoints', advice: 'endpointslices' },
    { missing: 'secrets', check: 'models', advice: 'secret/api-key' },
    { missing: 'slices', check: 'service-endpoints', advice: 'endpointslices' },
    { missing: 'policies', check: 'network-policy', advice: 'networkpolicies' },
    { missing: 'forwards', check: 'http-health', advice: 'portforward' },
  ])('without $missing the answer is unknown, because of $check', async (row) => {
    const { missing, check, advice } = row;
    const user = `no-${missing}`;
    const cluster = await sandbox.openAs(user, namespace, rulesWithout(missing));
    const report = await sandbox.read(layout, { cluster });
    const waited = await waitForHealth(layout, { cluster, clock, host: new FakeHost() });
    await cluster.close();
    for (const { verdict } of [report, waited]) expect(verdict).toBe('unknown');
    expect(outcomes(report)).toMatchObject({ [check]: 'unknown' });
    const open = report.checks.notDone.find(({ id }) => id === check);
    expect(open?.reason).not.toBe('');
    const advices = report.groups.flatMap(({ checks }) => checks.map((entry) => entry.advice));
    expect(advices.join(' ')).toContain(advice);
    expect(JSON.stringify([report, waited])).not.toContain(apiKey);
  });

  test('with all of them it is healthy, without logs, events and nodes', async () => {
    const cluster = await sandbox.openAs('just-enough', namespace, rulesWithout(undefined));
    const report = await sandbox.read(layout, { cluster });
    await cluster.close();
    expect(report.verdict).toBe('healthy');
  });

  test('with the rights that dsdeploy prints it is healthy', async () => {
    const printed = rulesOfRole(
      accessRules({
        deployment: { name: layout.spec.name, namespace },
        manifests: renderManifests(layout),
        createNamespace: false,
        referred: [],
        keySecret: 'api-key',
        namespaceKinds: [],
      }),
      'view-plan',
    );
    const rules = printed
      .filter((rule) => rule.namespace === namespace)
      .map(({ group, resource, verbs, names }) => ({
        apiGroups: [group],
        resources: [resource],
        verbs,
        ...(names === undefined ? {} : { resourceNames: names }),
      }));
    const cluster = await sandbox.openAs('viewer', namespace, rules);
    const report = await sandbox.read(layout, { cluster });
    await cluster.close();
    expect(report.verdict).toBe('healthy');
  });
});

describe('a clock that is wrong', { timeout: testTimeoutMs }, () => {
  test.each([-3_600_000, 3_600_000])('by %i ms changes no verdict', async (skewMs) => {
    const skewed = { ...clock, nowMs: () => clock.nowMs() + skewMs };
    const report = await sandbox.read(layout, { clock: skewed });
    expect(report.verdict).toBe('healthy');
  });
});

describe('an API server that goes away', { timeout: testTimeoutMs }, () => {
  test('during the check leaves it open, and is no verdict on the group', async () => {
    const fast = { retries: 1, retryBudgetMs: 1_000, headersMs: 3_000, connectMs: 3_000 };
    const { kubeconfigPath: kubeconfig } = sandbox.state;
    const cluster = await openCluster({ kubeconfig, env: {}, timings: fast });
    const pid = sandbox.state.processes['kube-apiserver']?.pid ?? 0;
    const dataRanks = Array.from({ length: 16 }, (_, rank) => rank);
    const endpoint = await OpenAiEndpoint.start({
      dataRanks,
      apiKey,
      answers: {
        // The first question of the canary is under way when the server stops.
        '/v1/chat/completions': () => {
          process.kill(pid, 'SIGSTOP');
        },
      },
    });
    const heal = await sandbox.redirect(layout, 'blind-main-0', endpoint);
    try {
      const report = await sandbox.read(layout, { cluster, chatMs: 3_000 });
      expect(report).toMatchObject({ verdict: 'unknown', checks: { failed: 0 } });
      expect(outcomes(report)).toMatchObject({ 'http-health': 'passed', chat: 'unknown' });
    } finally {
      process.kill(pid, 'SIGCONT');
      await heal();
      await endpoint.close();
      await cluster.close();
    }
    const after = await sandbox.readUntil(layout, ({ verdict }) => verdict === 'healthy');
    expect(after.verdict).toBe('healthy');
  });

  test('before the check is an error and not a verdict', async () => {
    const fast = { retries: 0, headersMs: 1_000, connectMs: 1_000 };
    const { kubeconfigPath: kubeconfig } = sandbox.state;
    const cluster = await openCluster({ kubeconfig, env: {}, timings: fast });
    const pid = sandbox.state.processes['kube-apiserver']?.pid ?? 0;
    process.kill(pid, 'SIGSTOP');
    try {
      await expect(sandbox.read(layout, { cluster })).rejects.toMatchObject({
        code: 'CLUSTER_UNREACHABLE',
      });
    } finally {
      process.kill(pid, 'SIGCONT');
      await cluster.close();
    }
    const after = await sandbox.readUntil(layout, ({ verdict }) => verdict === 'healthy');
    expect(after.verdict).toBe('healthy');
  });
});
