import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { App, Chart } from 'cdk8s';
import { describe, expect, test } from 'vitest';
import { LeaderWorkerSet } from '../../../charts/resources/leader-worker-set.ts';
import { planLayout } from '../../../src/layout/index.ts';
import { aLayout, aLayoutOf, aPlacedGroup, aTemplateSpec } from '../../render/a-layout.ts';
import { render } from '../../render/find.ts';

const schemaFile = new URL('../../fixtures/lws-v0.9.0.schema.json', import.meta.url);

/** Refuses fields the schema does not name, as strict field validation of the API server does. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, closed(value)]),
  );
  return 'properties' in copy && copy['type'] === 'object'
    ? { ...copy, additionalProperties: false }
    : copy;
}

const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
const schema = Object(closed(JSON.parse(readFileSync(schemaFile, 'utf8'))));
// The schema of a CRD says nothing about metadata; the API server does.
schema.properties.metadata = { type: 'object' };
const validate = ajv.compile(schema);

function errorsOf(object: unknown): unknown {
  validate(object);
  return validate.errors ?? [];
}

const chartOfNothing = { labels: {}, annotations: {} };

describe('LeaderWorkerSet', () => {
  test.each([
    { name: 'two nodes with RDMA', layout: aLayout() },
    { name: 'one node', layout: planLayout(aTemplateSpec('h200-vllm-1-node')) },
    {
      name: 'weights from an image, pull secrets, tolerations, host network',
      layout: withEverything(),
    },
  ])('follows the schema of its CRD with $name', ({ layout }) => {
    expect(errorsOf(render(layout, 'LeaderWorkerSet'))).toEqual([]);
  });

  test('is checked by a schema that refuses unknown fields', () => {
    const object = render(aLayout(), 'LeaderWorkerSet');
    expect(errorsOf({ ...object, spec: { ...Object(object['spec']), colour: 'red' } })).toEqual([
      expect.objectContaining({ params: { additionalProperty: 'colour' } }),
    ]);
  });

  test.each([
    { surge: 0, rollout: { maxUnavailable: 1, maxSurge: 0 } },
    { surge: 1, rollout: { maxUnavailable: 0, maxSurge: 1 } },
  ])('takes a copy away only after another serves with surge $surge', ({ surge, rollout }) => {
    const layout = aLayoutOf((group) => ({ ...group, spec: { ...group.spec, surge } }));
    expect(render(layout, 'LeaderWorkerSet')).toHaveProperty(
      'spec.rolloutStrategy.rollingUpdateConfiguration',
      rollout,
    );
  });

  test('keeps annotations of its own beside the topology', () => {
    const chart = new Chart(new App(), 'chart');
    new LeaderWorkerSet(chart, 'lws', {
      metadata: { name: 'a', annotations: { note: 'mine' } },
      replicas: 2,
      surge: 0,
      size: 1,
      workerTemplate: { metadata: chartOfNothing, spec: Object({}) },
      exclusiveTopologyKey: 'example.com/rack',
    });
    expect(chart.toJson()[0].metadata.annotations).toEqual({
      note: 'mine',
      'leaderworkerset.sigs.k8s.io/exclusive-topology': 'example.com/rack',
    });
  });
});

function withEverything() {
  const layout = aLayoutOf((group) => ({
    ...group,
    spec: { ...group.spec, imagePullSecrets: ['registry'] },
    pool: {
      ...group.pool,
      topologyKey: 'example.com/rack',
      tolerations: [{ key: 'gpu', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 }],
      fabric: { ...group.pool.fabric, hostNetwork: true },
    },
  }));
  const source = { kind: 'image', reference: 'registry.example/v32:1' } as const;
  const { spec } = layout;
  const model = { ...spec.model, weights: { ...spec.model.weights, source } };
  return { ...layout, spec: { ...spec, model }, groups: [aPlacedGroup(layout)] };
}
