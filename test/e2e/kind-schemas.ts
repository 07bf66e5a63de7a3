import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SandboxState } from '../../src/sandbox/index.ts';
import { withApiClient } from '../../src/sandbox/state-client.ts';

type Schema = Readonly<Record<string, unknown>>;
type Definitions = Readonly<Record<string, Schema>>;

const reference = '#/definitions/';

/**
 * Writes a JSON Schema per kind that the API server knows, as `<kind>-<version>.json`.
 *
 * Each holds only the definitions it needs: kubeconform reads a file again for every kind, and all of
 * them would cost it seconds.
 */
export async function writeKindSchemas(state: SandboxState, directory: string): Promise<void> {
  const { definitions } = await withApiClient(state, (client) =>
    client.send<{ definitions: Definitions }>({ method: 'GET', path: '/openapi/v2' }),
  );
  for (const [name, schema] of Object.entries(definitions)) {
    const kinds = schema['x-kubernetes-group-version-kind'] as
      | readonly { readonly kind: string; readonly version: string }[]
      | undefined;
    for (const { kind, version } of kinds ?? []) {
      const needed = [...neededBy(name, definitions)].map((key) => [
        key,
        strictly(definitions[key]),
      ]);
      const content = { $ref: `${reference}${name}`, definitions: Object.fromEntries(needed) };
      const file = `${kind.toLowerCase()}-${version}.json`;
      writeFileSync(join(directory, file), JSON.stringify(content));
    }
  }
}

/** Names of the definitions that one refers to, itself included. */
function neededBy(
  name: string,
  definitions: Definitions,
  found = new Set<string>(),
): ReadonlySet<string> {
  if (found.has(name)) return found;
  found.add(name);
  for (const [, next = ''] of JSON.stringify(definitions[name]).matchAll(
    /"\$ref":"#\/definitions\/([^"]+)"/g,
  )) {
    neededBy(next, definitions, found);
  }
  return found;
}

/** The schema with unknown fields refused, and the types that OpenAPI v2 cannot say. */
function strictly(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strictly);
  if (typeof schema !== 'object' || schema === null) return schema;
  const source = schema as Schema;
  if (source['format'] === 'int-or-string') return { type: ['integer', 'string'] };
  const copy = Object.fromEntries(
    Object.entries(source)
      .filter(([key]) => !['format', 'description'].includes(key))
      .map(([key, value]) => [
        key,
        key === 'properties'
          ? Object.fromEntries(
              Object.entries(value as Schema).map(([name, field]) => [name, strictly(field)]),
            )
          : strictly(value),
      ]),
  );
  const isOpen =
    source['properties'] === undefined ||
    source['additionalProperties'] !== undefined ||
    source['x-kubernetes-preserve-unknown-fields'] === true;
  return isOpen ? copy : { ...copy, additionalProperties: false };
}
