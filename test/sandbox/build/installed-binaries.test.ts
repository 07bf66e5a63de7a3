import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

import { kubernetesVersion } from '../../../src/sandbox/boot/component.ts';
import {
  findInstalledBinaries,
  reportsVersion,
} from '../../../src/sandbox/build/installed-binaries.ts';

const directory = mkdtempSync(join(tmpdir(), 'dsdeploy-installed-'));

afterAll(() => {
  rmSync(directory, { recursive: true });
});

describe('reportsVersion()', () => {
  test.each([
    { text: 'Kubernetes v1.36.3', expected: true },
    { text: 'Client Version: v1.36.3\nKustomize Version: v5.7.1', expected: true },
    { text: 'etcd Version: 1.36.3\nGo Version: go1.26', expected: true },
    { text: 'Kubernetes v1.36.30', expected: false },
    { text: 'Kubernetes v1.36.3-rc.0', expected: false },
    { text: 'Kubernetes v11.36.3', expected: false },
  ])('is $expected for "$text"', ({ text, expected }) => {
    expect(reportsVersion(text, 'v1.36.3')).toBe(expected);
  });
});

describe('findInstalledBinaries()', () => {
  test('takes only programs of the pinned version', async () => {
    writeProgram('kube-apiserver', `Kubernetes ${kubernetesVersion}`);
    writeProgram('kube-scheduler', 'Kubernetes v1.20.0');
    const found = await findInstalledBinaries({ KUBEBUILDER_ASSETS: directory, PATH: '' });
    expect([...found]).toEqual([['kube-apiserver', join(directory, 'kube-apiserver')]]);
  });
});

function writeProgram(name: string, output: string): void {
  const path = join(directory, name);
  writeFileSync(path, `#!/bin/sh\necho '${output}'\n`);
  chmodSync(path, 0o755);
}
