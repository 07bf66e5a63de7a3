import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type Manifest, sortKeys, sortManifests } from '../../src/manifest/index.ts';
import { renderManifests } from '../../src/render/index.ts';
import { aLayout } from './a-layout.ts';
import { repositoryRoot } from './repository-file.ts';

let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'dsdeploy-synth-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

function synth(): readonly string[] {
  const bin = `${repositoryRoot}node_modules/.bin`;
  // Without the check, which would ask the registry for a newer version.
  const args = ['synth', '--check-upgrade=false', '--output', directory];
  execFileSync(join(bin, 'cdk8s'), args, {
    cwd: repositoryRoot,
    env: { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}` },
    stdio: 'pipe',
  });
  return readdirSync(directory).toSorted();
}

function readManifests(names: readonly string[]): Manifest[] {
  return names
    .flatMap((name) =>
      parseAllDocuments(readFileSync(join(directory, name), 'utf8'), { version: '1.1' }),
    )
    .map((document) => document.toJS() as Manifest);
}

describe('cdk8s synth', () => {
  test('gives the same objects as renderManifests(), the namespace in the first file', () => {
    const names = synth();
    expect(names).toEqual(['0000-deepseek-namespace.k8s.yaml', '0001-deepseek.k8s.yaml']);
    expect(sortKeys(sortManifests(readManifests(names)))).toEqual(renderManifests(aLayout()));
  }, 60_000);
});
