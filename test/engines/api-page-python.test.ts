import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { OpenAiEndpoint } from '../fixtures/openai-endpoint.ts';
import { readRepositoryFile } from '../render/repository-file.ts';

const execFileAsync = promisify(execFile);

/** Names a Python that has the package `openai`; without it, whichever `python3` has it. */
const pythonVariable = 'DSDEPLOY_PYTHON';

const named = process.env[pythonVariable];
const python = named ?? 'python3';
const hasClient = spawnSync(python, ['-c', 'from openai import OpenAI']).status === 0;

/** The Python blocks of the page in order, as one program that asks `url`. */
function programOf(page: string, url: string): string {
  const blocks = [...page.matchAll(/^```python\n(.*?)^```/gms)].map(([, block = '']) => block);
  expect(blocks.length).toBeGreaterThan(6);
  return blocks
    .join('\n')
    .replaceAll('http://deepseek-api.deepseek:8000/v1', `${url}/v1`)
    .replaceAll('base_url=...', `base_url="${url}/v1"`)
    .replaceAll('api_key=...', 'api_key=os.environ["API_KEY"]');
}

describe('the Python of docs/api.md', () => {
  test.skipIf(named === undefined)(`runs with the Python that ${pythonVariable} names`, () => {
    expect(hasClient).toBe(true);
  });

  test.skipIf(!hasClient).each(['vllm', 'sglang'] as const)(
    'gets an answer, thoughts and a tool call of %s',
    async (engine) => {
      const endpoint = await OpenAiEndpoint.start({ engine, apiKey: 'sk-test' });
      onTestFinished(() => endpoint.close());
      const program = programOf(readRepositoryFile('docs/api.md'), endpoint.url);
      const env = { ...process.env, API_KEY: 'sk-test', NO_PROXY: '127.0.0.1' };
      const { stdout } = await execFileAsync(python, ['-c', program], { env });
      const paths = endpoint.requests.map(({ path }) => path);
      expect(paths.filter((path) => path === '/v1/chat/completions')).toHaveLength(5);
      expect(paths).toContain('/v1/models');
      // Each engine gives the thoughts another name; the program prints None when it reads neither.
      expect(stdout).not.toMatch(/^None/m);
      expect(stdout).toContain('get_weather');
    },
    60_000,
  );
});
