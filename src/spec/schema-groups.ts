import { z } from 'zod';
import { releaseVersions } from './catalog-names.ts';
import {
  dns1035Label,
  field,
  imageReference,
  nonEmptyText,
  objectName,
  pattern,
  wholeNumber,
} from './fields.ts';
import { memorySchema } from './schema-memory.ts';
import { objectiveSchema, tokenCount } from './schema-objective.ts';

const parallelism = field(
  z.strictObject({
    tensor: field(wholeNumber(1, 1024), {
      description: 'Ranks one layer is cut over.',
      examples: [1],
    }),
    data: field(wholeNumber(1, 1024), {
      description: 'Ranks that take different requests.',
      examples: [16],
    }),
    pipeline: field(wholeNumber(1, 1024), {
      description: 'Stages the layers are cut into.',
      examples: [1],
    }).default(1),
    expert: field(z.boolean(), {
      description: 'Spread experts over all tensor x data ranks instead of cutting each of them.',
      examples: [true],
    }),
  }),
  {
    description: 'Parallel degrees; tensor x data x pipeline is the number of devices.',
    examples: [{ tensor: 1, data: 16, pipeline: 1, expert: true }],
  },
);

const extraArg = field(
  // `--flag value` as one entry reaches the engine as one unknown flag, after minutes of start-up.
  nonEmptyText.refine((text) => !/^--[\w-]+\s/.test(text)),
  {
    expects: 'one argument: a flag with =value, or a value alone',
    fix: 'Write "--flag=value", or flag and value as two entries.',
  },
);

/** One entry of the `groups` list. */
export const groupSchema = field(
  z.strictObject({
    name: field(dns1035Label(30), {
      description: 'Name of the group, unique in the file.',
      examples: ['main'],
    }),
    engine: field(z.enum(['vllm', 'vllm-ascend', 'sglang']), {
      description: 'Serving engine.',
      examples: ['vllm'],
    }),
    release: field(z.enum(releaseVersions), {
      description: 'Release of that engine, as the catalog knows it.',
      examples: ['0.33.0'],
    }),
    image: field(imageReference, {
      description: "Full image reference, in place of the release's own: your mirror or build.",
      examples: ['registry.example.com/vllm/vllm-openai:v0.33.0'],
    }).exactOptional(),
    imagePullSecrets: field(z.array(objectName), {
      description: 'Secrets for pulling the image.',
      examples: [['registry-login']],
    }).default([]),
    pool: field(nonEmptyText, {
      description: 'Pool the group runs on, by its key in pools.',
      examples: ['h200'],
    }),
    nodes: field(wholeNumber(1, 64), {
      description: 'Nodes one copy of the model spans.',
      examples: [2],
    }).default(1),
    replicas: field(wholeNumber(1, 256), {
      description: 'Copies of the model, each on its own nodes.',
      examples: [1],
    }).default(1),
    surge: field(wholeNumber(0, 256), {
      description:
        'Copies added on spare nodes while an update rolls out, so that none stops before another serves. With 0 one copy at a time stops and loads again: an only copy serves nothing meanwhile.',
      examples: [1],
    }).default(0),
    parallelism: field(z.union([z.literal('auto'), parallelism]), {
      description: 'Parallel degrees, or auto to let dsdeploy choose.',
      examples: ['auto'],
      find: 'Write auto; `dsdeploy plan` shows what it chose and why.',
    }),
    objective: objectiveSchema.exactOptional(),
    context: field(tokenCount, {
      description: 'Longest request, prompt and answer together, in tokens. K is 1024.',
      examples: [131072, '128K'],
      expects: 'a positive number of tokens, up to 16384K',
      fix: 'Write 131072 or 128K, where K is 1024.',
    }).default(131072),
    kvCache: field(z.enum(['bf16', 'fp8']), {
      description: 'Element type of the KV cache.',
    }).default('bf16'),
    memoryUtilization: field(z.number().gt(0).max(1), {
      description:
        "Fraction of device memory the engine may use. The release's own default when absent.",
      examples: [0.9],
      expects: 'a fraction above 0 and up to 1',
    }).exactOptional(),
    memory: memorySchema.exactOptional(),
    maxBatchedTokens: field(wholeNumber(1, 1_048_576), {
      description: "Tokens batched in one step. The engine's own default when absent.",
      examples: [8192],
    }).exactOptional(),
    maxSequences: field(wholeNumber(1, 65_536), {
      description:
        "Requests served at once by one data-parallel rank. The engine's own default when absent.",
      examples: [256],
    }).exactOptional(),
    mtpTokens: field(wholeNumber(0, 8), {
      description: 'Draft tokens of the multi-token-prediction module; 0 turns it off.',
      examples: [1],
    }).default(0),
    loadBalancing: field(z.enum(['internal', 'hybrid', 'multi-port']), {
      description:
        'Who spreads requests over data-parallel ranks: the leader (internal), every pod for its own ranks (hybrid), or an outside router with one port per rank (multi-port). vLLM only.',
      examples: ['hybrid'],
    }).default('internal'),
    redundantExperts: field(wholeNumber(0, 1024), {
      description:
        'Copies of busy experts, counted over all ranks of a group; above 0 experts are balanced (EPLB).',
      examples: [32],
    }).default(0),
    allToAll: field(pattern(/^[a-z0-9][a-z0-9_-]*$/, 'auto or a backend of the engine'), {
      description:
        "How tokens reach experts on other ranks: auto, or a name of the engine's own (vLLM --all2all-backend, SGLang --moe-a2a-backend).",
      examples: ['auto', 'deepep_low_latency'],
    }).default('auto'),
    extraArgs: field(z.array(extraArg), {
      description:
        'More arguments for the engine, checked against its release. They replace what dsdeploy chose itself; what another key sets is refused.',
      examples: [['--max-log-len=200']],
    }).default([]),
    extraEnv: field(
      z.record(
        pattern(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable'),
        z.string(),
      ),
      {
        description: 'More environment variables for the engine; values are text.',
        examples: [{ NCCL_DEBUG: 'INFO' }],
      },
    ).default({}),
  }),
  { description: 'A serving group: one or more copies of the model with the same settings.' },
);

/** The `groups` list. */
export const groupsSchema = field(z.array(groupSchema).min(1), {
  description: 'Serving groups, at least one.',
  expects: 'a list with at least one group',
});
