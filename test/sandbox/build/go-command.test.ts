import { describe, expect, test } from 'vitest';

import { goError, runGo } from '../../../src/sandbox/build/go-command.ts';

describe('goError()', () => {
  test('names a full disk', () => {
    const error = goError('write /tmp/x: no space left on device', 'build etcd');
    expect(error.code).toBe('SANDBOX_DISK_FULL');
  });

  test('quotes the last lines of anything else', () => {
    const output = [...Array.from({ length: 50 }, (_, i) => `line ${String(i)}`), 'go: boom'];
    const error = goError(output.join('\n'), 'build etcd');
    expect(error.code).toBe('SANDBOX_BUILD_FAILED');
    expect(error.message).toMatch(/^Cannot build etcd: /);
    expect(error.message).toContain('go: boom');
    expect(error.message).not.toContain('line 5\n');
  });
});

describe('runGo()', () => {
  test('says that Go is missing when it cannot be started', async () => {
    // A folder that does not exist fails the start in the same way as a missing program.
    const run = runGo(['version'], { directory: '/nonexistent', purpose: 'build etcd' });
    await expect(run).rejects.toMatchObject({ code: 'SANDBOX_GO_MISSING' });
  });
});
