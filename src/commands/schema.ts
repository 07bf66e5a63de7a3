import { defineCommand } from './define-command.ts';

export const schemaCommand = defineCommand({
  command: 'schema',
  describe: 'Print the JSON Schema of dsdeploy.yaml, for editors and CI',
  options: {},
  examples: [['$0 schema > dsdeploy.schema.json', 'Refresh the schema beside a spec']],
  run: async (_args, context) => {
    const { runSchema } = await import('./run/schema.ts');
    return runSchema(context);
  },
});
