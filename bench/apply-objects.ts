import type { Manifest } from '../src/manifest/index.ts';

const group = 'bench.dsdeploy.dev';

/** A custom resource without a controller, so that only the API server is measured. */
export const benchCrd: Manifest = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `widgets.${group}` },
  spec: {
    group,
    scope: 'Namespaced',
    names: { kind: 'Widget', plural: 'widgets', singular: 'widget', listKind: 'WidgetList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: { type: 'object', properties: { size: { type: 'integer' } } },
            },
          },
        },
      },
    ],
  },
};

/** 70 % ConfigMaps, 20 % Deployments without pods, 10 % custom resources. */
export function benchObjects(count: number, namespace: string): Manifest[] {
  return Array.from({ length: count }, (_, index): Manifest => {
    const name = `object-${String(index).padStart(5, '0')}`;
    const metadata = { name, namespace, labels: { app: 'bench' } };
    if (index % 10 < 7) {
      const data = { index: String(index), text: 'x'.repeat(500) };
      return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
    }
    if (index % 10 === 9) {
      return { apiVersion: `${group}/v1`, kind: 'Widget', metadata, spec: { size: index } };
    }
    return {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: { containers: [{ name: 'main', image: 'example.com/main:1' }] },
        },
      },
    };
  });
}
