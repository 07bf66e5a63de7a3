import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { formatFiles } from '../../src/actions/render/formats/format.ts';
import { writeFiles } from '../../src/actions/render/render.ts';
import { nodeFiles } from '../../src/commands/process/node-files.ts';
import { canonicalJson } from '../../src/manifest/index.ts';
import { renderManifests } from '../../src/render/index.ts';
import { ensureSandboxBinaries } from '../../src/sandbox/index.ts';
import { aLayout } from '../render/a-layout.ts';

const run = promisify(execFile);
const manifests = renderManifests(aLayout());

// kubectl has Kustomize inside; Flux builds the folder it is pointed at the same way.
test.each([
  { format: 'kustomize', folder: '', gitOps: {} },
  { format: 'flux', folder: 'manifests', gitOps: { 'repo-path': 'manifests', source: 'racks' } },
] as const)(
  'Kustomize makes of --format $format the objects of a plain render, in their order',
  async ({ format, folder, gitOps }) => {
    const { kubectl } = (await ensureSandboxBinaries()).binaries;
    const directory = await mkdtemp(join(tmpdir(), 'dsdeploy-format-'));
    try {
      const deployment = { name: 'deepseek', namespace: 'deepseek' };
      const files = formatFiles(format, { deployment, manifests, gitOps });
      await writeFiles(files, { directory, deployment: 'deepseek' }, nodeFiles);
      const { stdout } = await run(kubectl, ['kustomize', join(directory, folder)]);
      const objects = parseAllDocuments(stdout).map((document) => document.toJS() as unknown);
      expect(objects.map(canonicalJson)).toEqual(manifests.map(canonicalJson));
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
  900_000,
);
