import { z } from 'zod';
import { parseBytes } from '../units/index.ts';
import { byteQuantity, wholeNumber } from './fields.ts';

/** A value that is `undefined` when it is absent or wrong; the schema reports what is wrong. */
function lenient<Schema extends z.ZodType>(schema: Schema) {
  return schema.optional().catch(undefined);
}

const present = z.unknown().optional();
const sizeBytes = lenient(byteQuantity.transform((text) => parseBytes(text)));

const draftRdma = z.object({ linkLayer: lenient(z.string()), gidIndex: present });

const draftPool = z.object({
  accelerator: lenient(z.string()),
  nodes: lenient(wholeNumber(1, 10_000)),
  pod: lenient(z.object({ memory: sizeBytes, sharedMemory: sizeBytes })),
  fabric: lenient(
    z.object({
      socketInterface: present,
      // A wrong value is the schema's to report; here it counts as said.
      rdma: z
        .union([draftRdma, z.literal('none')])
        .optional()
        .catch('none'),
      hostNetwork: lenient(z.boolean()),
    }),
  ),
});

const draftGroup = z.object({
  name: lenient(z.string()),
  engine: lenient(z.string()),
  release: lenient(z.string()),
  image: present,
  pool: lenient(z.string()),
  nodes: lenient(wholeNumber(1, 64).default(1)),
  replicas: lenient(wholeNumber(1, 256).default(1)),
  surge: lenient(wholeNumber(0, 256).default(0)),
});

const draftSchema = z.object({
  name: lenient(z.string()),
  namespace: lenient(z.string()),
  model: lenient(
    z.object({
      weights: lenient(z.object({ pvc: present, hostPath: present, image: present })),
    }),
  ),
  pools: z.record(z.string(), draftPool.catch({})).catch({}),
  groups: z.array(draftGroup.catch({})).catch([]),
  api: lenient(
    z.object({
      allowFrom: lenient(
        z.array(
          z.object({ namespaceLabels: present, podLabels: present, cidr: present }).catch({}),
        ),
      ),
    }),
  ),
});

/**
 * What rules look at: the parts of a file that are well-formed, also when others are not.
 *
 * Rules can so report their problems together with the schema's, instead of after them.
 */
export type Draft = z.infer<typeof draftSchema>;

/** Takes from the file's value what the rules can use. */
export function readDraft(value: unknown): Draft {
  const result = draftSchema.safeParse(value);
  return result.success ? result.data : { pools: {}, groups: [] };
}
