import { defineCommand } from './define-command.ts';
import { canaryOption, clusterOptions, resultOptions, specOptions } from './options/options.ts';
import { reportOption } from './options/report-options.ts';

export const healthCommand = defineCommand({
  command: 'health',
  describe:
    'Check every pod and rank, and ask every pod that serves; say what is wrong and what to do',
  options: {
    ...specOptions,
    ...clusterOptions,
    ...canaryOption,
    watch: {
      alias: 'w',
      type: 'boolean',
      describe: 'Go on until Ctrl-C, and print what changes',
    },
    ...reportOption,
    ...resultOptions,
  },
  examples: [
    ['$0 health', 'Is everything serving?'],
    ['$0 health --watch --canary none', 'Follow a start without sending requests'],
    ['$0 health --canary full --canary-context 65536', 'Does the model answer right?'],
    ['$0 health --report health.html', 'A page to show and to keep'],
    ['$0 health -o json | jq .cause', 'The first thing in the way'],
  ],
  epilogue: 'Exit codes: 0 healthy, 3 anything else, 130 after --watch.',
  run: async (args, context) => {
    const { runHealth } = await import('./run/health.ts');
    return runHealth(args, context);
  },
});
