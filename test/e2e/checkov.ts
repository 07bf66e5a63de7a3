import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { z } from 'zod';

/** Names the program, for a checkov that is not in PATH. */
export const checkovVariable = 'DSDEPLOY_CHECKOV';

/** Path of checkov, which runs only where somebody installed it (`pip install checkov`). */
export function findCheckov(env: NodeJS.ProcessEnv): string | undefined {
  const named = env[checkovVariable];
  if (named !== undefined && named !== '') {
    accessSync(named, constants.X_OK);
    return named;
  }
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, 'checkov')).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export function checkovArguments(file: string): string[] {
  const output = ['--output', 'json', '--compact', '--quiet'];
  return ['--framework', 'kubernetes', '--skip-download', ...output, '--file', file];
}

/** Nothing is asked of or told to a service: a proxy that nobody listens at ends every attempt. */
export const checkovEnvironment: Readonly<Record<string, string>> = {
  CKV_SKIP_PACKAGE_UPDATE_CHECK: 'true',
  HTTP_PROXY: 'http://127.0.0.1:9',
  HTTPS_PROXY: 'http://127.0.0.1:9',
};

const reportSchema = z.object({
  results: z.object({
    failed_checks: z.array(
      z.object({ check_id: z.string(), check_name: z.string(), resource: z.string() }),
    ),
  }),
  summary: z.object({ parsing_errors: z.number(), resource_count: z.number() }),
});

/** What checkov found, from its JSON; a report without resources is an error of the schema. */
export function readCheckov(output: string): {
  readonly judged: number;
  readonly failed: readonly { check: string; object: string; summary: string }[];
} {
  const { results, summary } = reportSchema.parse(JSON.parse(output));
  return {
    judged: summary.resource_count - summary.parsing_errors,
    failed: results.failed_checks.map(({ check_id, check_name, resource }) => {
      return { check: check_id, object: resource, summary: check_name };
    }),
  };
}
