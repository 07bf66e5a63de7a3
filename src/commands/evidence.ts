import { defineCommand } from './define-command.ts';
import {
  canaryOption,
  clusterOptions,
  nonEmpty,
  resultOptions,
  specOptions,
} from './options/options.ts';

export const evidenceCommand = defineCommand({
  command: 'evidence',
  describe: 'Pack health, logs, events, metrics and versions for a ticket, without secrets',
  options: {
    ...specOptions,
    ...clusterOptions,
    ...canaryOption,
    out: {
      type: 'string',
      default: 'evidence.tar.gz',
      requiresArg: true,
      coerce: nonEmpty('out'),
      describe: 'Archive to write',
    },
    force: { type: 'boolean', describe: 'Replace an archive that exists' },
    ...resultOptions,
  },
  examples: [
    ['$0 evidence --out ticket-4711.tar.gz', 'Everything somebody else needs to look at'],
    ['$0 evidence --canary none', 'Without sending a request to the model'],
  ],
  epilogue:
    'Keys known to dsdeploy and whatever looks like one are masked; logs may hold what users asked.\nExit codes: 0 written, whatever the health.',
  run: async (args, context) => {
    const { runEvidence } = await import('./run/evidence.ts');
    return runEvidence(args, context);
  },
});
