import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PlanRequest } from '../../src/actions/plan/index.ts';
import { planLayout } from '../../src/layout/index.ts';
import type { Manifest } from '../../src/manifest/index.ts';
import { hasChanges, type Plan } from '../../src/plan/index.ts';
import { renderManifests } from '../../src/render/index.ts';
import { aTemplateSpec } from '../render/a-layout.ts';
import { openTestSandbox, type TestSandbox, until } from './a-sandbox.ts';

const namespace = 'observed';

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await openTestSandbox('observability');
}, 900_000);

afterAll(() => sandbox.close(), 60_000);

/** A deployment that asks for everything that watches it. */
function observedRequest(): PlanRequest {
  const template = aTemplateSpec('h200-vllm-2-nodes');
  const api = { ...template.api, keySecret: 'none' } as const;
  const watched = { podMonitor: true, alerts: true, dashboard: true };
  const observability = { ...template.observability, ...watched };
  const spec = { ...template, namespace, api, observability };
  return {
    deployment: { name: spec.name, namespace },
    manifests: renderManifests(planLayout(spec)),
    createNamespace: true,
  };
}

/** A kind of the Prometheus Operator as far as an API server has to know it. */
function crd(kind: string, plural: string): Manifest {
  const version = {
    name: 'v1',
    served: true,
    storage: true,
    schema: {
      openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    },
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.monitoring.coreos.com` },
    spec: {
      group: 'monitoring.coreos.com',
      scope: 'Namespaced',
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [version],
    },
  };
}

const leftOut = ({ warnings }: Plan): readonly string[] =>
  warnings.filter((text) => text.includes('left out'));

describe('a deployment that is to be watched', { timeout: 300_000 }, () => {
  test('goes without what no cluster serves, says so, and gets it once it is served', async () => {
    const [monitor, rule, ...others] = leftOut(await sandbox.plan(observedRequest()));
    expect(monitor).toMatch(/^PodMonitor\/observed\/\S+ is left out: the cluster does not serve/);
    expect(rule).toMatch(/^PrometheusRule\/observed\/\S+ is left out: .* Prometheus Operator/);
    expect(others).toEqual([]);
    await sandbox.apply(observedRequest());
    const dashboards = await sandbox.cluster.list(
      { apiVersion: 'v1', kind: 'ConfigMap' },
      { namespace, labelSelector: 'grafana_dashboard in (1)' },
    );
    expect(dashboards).toHaveLength(1);
    expect(hasChanges(await sandbox.plan(observedRequest()))).toBe(false);

    await sandbox.kubectlWith(
      [crd('PodMonitor', 'podmonitors'), crd('PrometheusRule', 'prometheusrules')],
      'apply',
    );
    const apiVersion = 'monitoring.coreos.com/v1';
    await until(async () => leftOut(await sandbox.plan(observedRequest())).length === 0);
    await sandbox.apply(observedRequest());
    for (const kind of ['PodMonitor', 'PrometheusRule']) {
      const live = await sandbox.cluster.list({ apiVersion, kind }, { namespace });
      expect(live, kind).toHaveLength(1);
    }
  });
});
