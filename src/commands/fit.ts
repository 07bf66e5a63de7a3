import { defineCommand } from './define-command.ts';
import { resultOptions, specOptions } from './options.ts';

export const fitCommand = defineCommand({
  command: 'fit',
  describe: 'Show the layout and the memory of each rank; needs no cluster',
  options: { ...specOptions, ...resultOptions },
  examples: [
    ['$0 fit', 'Does dsdeploy.yaml fit its pools?'],
    ['$0 fit -o json | jq .fits', 'The verdict alone'],
  ],
  epilogue: 'Exit codes: 0 fits, 4 spec invalid or no layout fits.',
  run: async (args, context) => {
    const { runFit } = await import('./run-fit.ts');
    return runFit(args, context);
  },
});
