import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { goWorkspacesDirectory } from '../../../src/sandbox/assets.ts';
import { components, manifestSets } from '../../../src/sandbox/boot/component.ts';
import {
  binaryPath,
  expectedBuildSeconds,
  hashWorkspaces,
  readBuildPlan,
} from '../../../src/sandbox/build/build-plan.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'dsdeploy-build-plan-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

describe('hashWorkspaces()', () => {
  test('is equal for equal files', () => {
    const copy = copyWorkspaces();
    expect(hashWorkspaces(copy)).toBe(hashWorkspaces(goWorkspacesDirectory()));
  });

  test.each(['go.mod', 'go.sum'])('changes with any %s', (file) => {
    const copy = copyWorkspaces();
    const before = hashWorkspaces(copy);
    appendFileSync(join(copy, 'kwok', file), '\n');
    expect(hashWorkspaces(copy)).not.toBe(before);
  });
});

describe('readBuildPlan()', () => {
  test('lists everything for an empty cache', () => {
    const plan = readPlan([]);
    expect(plan.missingComponents).toEqual(components);
    expect(plan.missingManifests).toEqual(manifestSets);
  });

  test('leaves out what is installed and what was built', () => {
    const { directory: versions } = readPlan([]);
    const kwok = binaryPath(versions, 'kwok');
    mkdirSync(dirname(kwok), { recursive: true });
    writeFileSync(kwok, '');
    const missing = readPlan(['kubectl']).missingComponents.map(({ name }) => name);
    expect(missing).not.toContain('kwok');
    expect(missing).not.toContain('kubectl');
    expect(missing).toHaveLength(components.length - 2);
  });

  test('expects about ten minutes for everything', () => {
    expect(expectedBuildSeconds(components)).toBeGreaterThan(400);
    expect(expectedBuildSeconds([])).toBe(0);
  });
});

describe('components', () => {
  test.each(components)('$name has the version its go.mod requires', (component) => {
    const { workspace, version } = component;
    const goMod = readFileSync(join(goWorkspacesDirectory(), workspace, 'go.mod'), 'utf8');
    const requirements = goMod.matchAll(/^(?:require)?\s+(\S+) (v\S+)/gm);
    const modules = [...requirements].filter(([, , required]) => required === version);
    expect(modules.some(([, module]) => component.package.startsWith(module ?? '-'))).toBe(true);
    expect(goMod).toContain(component.package);
  });
});

function readPlan(installed: ('kubectl' | 'etcd')[]) {
  return readBuildPlan({
    cacheDirectory: join(directory, 'cache'),
    goDirectory: goWorkspacesDirectory(),
    available: new Set(installed),
  });
}

function copyWorkspaces(): string {
  const copy = join(directory, 'go');
  cpSync(goWorkspacesDirectory(), copy, { recursive: true });
  return copy;
}
