import type { KindSchema, Schema, Schemas } from '../../../src/plan/index.ts';

const ref = (name: string): Schema => ({
  default: {},
  allOf: [{ $ref: `#/components/schemas/${name}` }],
});

/** A kind as an API server publishes it: references wrapped in `allOf`, zero values as defaults. */
export const gateSchemas: Schemas = {
  Meta: {
    type: 'object',
    properties: {
      name: { type: 'string' },
      namespace: { type: 'string' },
      labels: { type: 'object', additionalProperties: { type: 'string' } },
    },
  },
  Port: {
    type: 'object',
    required: ['port'],
    properties: {
      port: { type: 'integer', format: 'int32', default: 0 },
      protocol: { type: 'string', default: 'TCP', enum: ['TCP', 'UDP'] },
      target: { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
    },
  },
  GateSpec: {
    type: 'object',
    required: ['strategy', 'size'],
    properties: {
      size: { type: 'integer', format: 'int32', minimum: 1 },
      strategy: ref('Strategy'),
      ports: {
        type: 'array',
        items: ref('Port'),
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['port', 'protocol'],
      },
      args: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'atomic' },
      hosts: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
      mounts: {
        type: 'array',
        items: { type: 'object', properties: { path: { type: 'string' } } },
        'x-kubernetes-patch-merge-key': 'path',
      },
      env: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } } } },
      cpu: { oneOf: [{ type: 'string' }, { type: 'number' }] },
      blob: { type: 'string', format: 'byte' },
      at: { type: 'string', format: 'date-time' },
      word: { type: 'string', pattern: '^[a-z]+$', maxLength: 5 },
      free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      raw: { type: 'object' },
      choice: {
        type: 'object',
        properties: { a: { type: 'string' }, b: { type: 'string' } },
        anyOf: [{ required: ['a'] }, { required: ['b'] }],
      },
      inner: ref('GateSpec'),
    },
  },
  Strategy: { type: 'object', properties: { type: { type: 'string' } } },
  Gate: {
    type: 'object',
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: ref('Meta'),
      spec: ref('GateSpec'),
    },
    'x-kubernetes-group-version-kind': [{ group: 'example.com', version: 'v1', kind: 'Gate' }],
  },
};

export const gateKind = { apiVersion: 'example.com/v1', kind: 'Gate' };

export const gateSchema: KindSchema = { root: gateSchemas['Gate'] ?? {}, schemas: gateSchemas };
