import { defineCommand } from './define-command.ts';
import { nonEmpty, resultOptions } from './options/options.ts';

export const initCommand = defineCommand({
  command: 'init',
  describe: 'Write a dsdeploy.yaml from a template',
  options: {
    template: {
      alias: 't',
      type: 'string',
      default: 'h200-vllm-2-nodes',
      requiresArg: true,
      coerce: nonEmpty('template'),
      describe: 'Template to start from',
    },
    'list-templates': { type: 'boolean', describe: 'Only list the templates' },
    file: {
      alias: 'f',
      type: 'string',
      default: 'dsdeploy.yaml',
      requiresArg: true,
      coerce: nonEmpty('file'),
      describe: 'Spec to write',
    },
    force: { type: 'boolean', describe: 'Replace files that exist' },
    ...resultOptions,
  },
  examples: [
    ['$0 init', 'Two nodes of 8xH200 with vLLM'],
    ['$0 init --list-templates', 'What else there is'],
    ['$0 init -f staging.yaml', 'Write under another name'],
  ],
  epilogue: 'Writes the JSON Schema beside the spec, so that editors check and complete it.',
  run: async (args, context) => {
    const { runInit } = await import('./run/init.ts');
    return runInit(args, context);
  },
});
