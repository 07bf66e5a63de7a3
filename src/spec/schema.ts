import { z } from 'zod';
import { dns1035Label, field, namespaceName } from './fields.ts';
import { apiSchema } from './schema-api.ts';
import { groupsSchema } from './schema-groups.ts';
import { modelSchema } from './schema-model.ts';
import { observabilitySchema } from './schema-observability.ts';
import { poolsSchema } from './schema-pools.ts';

/** The only version of the file format. */
export const specApiVersion = 'dsdeploy/v1';

/** The YAML surface of `dsdeploy.yaml`, before derived defaults; see `spec.ts` for the result. */
export const specSchema = z.strictObject({
  apiVersion: field(z.literal(specApiVersion), {
    description: 'Version of this file format.',
    examples: [specApiVersion],
  }),
  name: field(dns1035Label(30), {
    description: 'Name of the deployment; prefix of every object.',
    examples: ['deepseek'],
  }),
  namespace: field(namespaceName, {
    description: 'Namespace of every object. The name when absent.',
    examples: ['deepseek'],
  }).exactOptional(),
  createNamespace: field(z.boolean(), {
    description: 'Whether dsdeploy makes and owns the namespace.',
  }).default(true),
  model: modelSchema,
  pools: poolsSchema,
  groups: groupsSchema,
  api: apiSchema,
  observability: observabilitySchema,
});

/** The file as written, validated, with fixed defaults filled in. */
export type SpecFile = z.infer<typeof specSchema>;
