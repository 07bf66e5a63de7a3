import { z } from 'zod';
import { specSchema } from './schema.ts';

/** A JSON Schema node; extra keys are allowed. */
export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** Tells a schema node from the booleans and lists that may stand in its place. */
export function isNode(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Our own annotations, which are no JSON Schema keywords. */
const annotations = ['expects', 'find', 'fix', 'slug'] as const;

/**
 * Returns the JSON Schema (draft 2020-12) of `dsdeploy.yaml`, with every key explained.
 *
 * It knows names and shapes; what spans several keys is left to `parseSpec`.
 */
export function specJsonSchema(): JsonSchema {
  const schema = convert((node) => {
    if (typeof node.find === 'string') {
      node.description = `${node.description ?? ''}\n\nHow to find it: ${node.find}`;
    }
    stripAnnotations(node);
    // That of the pool names is given ready-made, so it is not visited on its own.
    if (isNode(node.propertyNames)) {
      stripAnnotations(node.propertyNames);
      Reflect.deleteProperty(node.propertyNames, '$schema');
    }
  });
  return {
    $id: 'dsdeploy.schema.json',
    title: 'dsdeploy spec',
    description: 'Serving of a large language model on your own Kubernetes nodes.',
    ...schema,
  };
}

/** The same schema with the annotations that error messages are made from. */
export function annotatedSchema(): JsonSchema {
  return convert(() => undefined);
}

function stripAnnotations(node: JsonSchema): void {
  for (const key of annotations) Reflect.deleteProperty(node, key);
}

function convert(override: (node: JsonSchema) => void): JsonSchema {
  return z.toJSONSchema(specSchema, {
    io: 'input',
    override: ({ jsonSchema }) => {
      // Zod bounds every integer by what a double holds; that only clutters completion.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      override(jsonSchema);
    },
  });
}
