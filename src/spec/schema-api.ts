import { z } from 'zod';
import { parseSeconds } from '../units/index.ts';
import { cidr, duration, field, labels, objectName, pattern, wholeNumber } from './fields.ts';

const keySecret = field(
  z.strictObject({
    name: field(objectName, { description: 'Name of the Secret.', examples: ['deepseek-api-key'] }),
    key: field(pattern(/^[-._A-Za-z0-9]+$/, 'a key of a Secret'), {
      description: 'Key inside the Secret.',
      examples: ['api-key'],
    }),
    generate: field(z.boolean(), {
      description:
        'Whether apply makes the Secret, with a random key, when it is not there. It is never changed or shown afterwards.',
    }).default(false),
  }),
  {
    description: 'Secret that holds the API key.',
    examples: [{ name: 'deepseek-api-key', key: 'api-key' }],
  },
);

const client = z.strictObject({
  namespaceLabels: field(labels, {
    description: 'Labels of the namespaces that may call.',
    examples: [{ 'kubernetes.io/metadata.name': 'apps' }],
  }).exactOptional(),
  podLabels: field(labels, {
    description: 'Labels of the pods that may call; in the own namespace without namespaceLabels.',
    examples: [{ app: 'chat' }],
  }).exactOptional(),
  cidr: field(cidr, {
    description: 'Address range that may call; stands alone.',
    examples: ['10.0.0.0/8'],
  }).exactOptional(),
});

const temperature = field(z.number().min(0).max(2), {
  description: 'Default sampling temperature.',
  examples: [1],
  expects: 'a number from 0 to 2',
});

const topP = field(z.number().gt(0).max(1), {
  description: 'Default nucleus sampling mass.',
  examples: [0.95],
  expects: 'a number above 0 and up to 1',
});

const modelName = pattern(
  /^[^\s-]/,
  'a name that starts with a letter or digit',
  'Write a name such as deepseek-v3.2; the engine would take one that starts with a dash for a flag.',
);

// Zero would be no limit, which is what a file without the key says.
const requestLimit = duration
  .refine((text) => (parseSeconds(text) ?? 0) >= 1)
  .meta({ ...duration.meta(), expects: 'a duration with its unit, from 1s to 24h' });

/** The `api` mapping. */
export const apiSchema = field(
  z.strictObject({
    port: field(wholeNumber(1, 65535), {
      description: 'Port of the Service.',
      examples: [8000],
    }).default(8000),
    keySecret: field(z.union([z.literal('none'), keySecret]), {
      description: 'Secret with the API key, or none for an open endpoint.',
      examples: [{ name: 'deepseek-api-key', key: 'api-key' }],
      fix: 'Write { name: SECRET, key: KEY_IN_IT }, or none for an open endpoint.',
      find: 'Write { name: deepseek-api-key, key: api-key, generate: true } to have a key made, or none if everyone who reaches the port may use it.',
    }),
    servedModelNames: field(z.array(modelName), {
      description: 'Names clients may use for the model. The model id when empty.',
      examples: [['deepseek-v3.2']],
    }).default([]),
    sampling: field(
      z.strictObject({
        temperature: temperature.exactOptional(),
        topP: topP.exactOptional(),
      }),
      {
        description:
          "Sampling of requests that do not choose. The model card's values when absent.",
      },
    ).default({}),
    thinking: field(z.boolean(), {
      description: 'Whether requests think unless they say otherwise.',
    }).default(false),
    allowFrom: field(z.array(client), {
      description: 'Who may call the port besides the own namespace, as NetworkPolicy peers.',
      examples: [[{ namespaceLabels: { 'kubernetes.io/metadata.name': 'apps' } }]],
    }).default([]),
    drain: field(duration, {
      description: 'How long a terminating leader may finish running requests.',
      examples: ['120s'],
    }).default('120s'),
    idleTimeout: field(duration, {
      description:
        'How long a connection that nobody uses stays open; more than that of the proxy before it. The 5 s of the engines when absent.',
      examples: ['75s'],
    }).exactOptional(),
    requestTimeout: field(requestLimit, {
      description:
        'How long a request may wait for a place, and then how long it may run; what takes longer ends with 503. Without limit when absent. SGLang 0.5.23 only.',
      examples: ['30m'],
    }).exactOptional(),
  }),
  {
    description: 'The endpoint clients call.',
    examples: [{ keySecret: { name: 'deepseek-api-key', key: 'api-key' } }],
  },
);
