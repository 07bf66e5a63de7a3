import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    sequence: { shuffle: { files: false, tests: true } },
    // Against hanging only: a busy machine makes any test slow.
    testTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
    // Tests on the sandbox mostly wait for its controllers, so that a small machine can run several.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts', 'charts/**/*.ts'],
    },
  },
});
