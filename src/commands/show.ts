import { defineCommand } from './define-command.ts';
import { resultOptions } from './options/options.ts';

export const showCommand = defineCommand({
  command: 'show <plan-file>',
  describe: 'Print a plan that plan --out saved',
  positionals: ['plan-file'],
  options: {
    'plan-file': { type: 'string', demandOption: true, describe: 'Plan of plan --out' },
    ...resultOptions,
  },
  examples: [
    ['$0 show plan.json', 'Print it as plan did'],
    ['$0 show plan.json -o json', 'Print it as the document that plan -o json prints'],
  ],
  epilogue: 'Contacts no cluster. A file that was edited is refused.',
  run: async (args, context) => {
    const { runShow } = await import('./run/show.ts');
    return runShow(args, context);
  },
});
