import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { planLayout } from '../../src/layout/index.ts';
import { renderManifests } from '../../src/render/index.ts';
import { readSpec, specNames } from './golden-files.ts';

const containerSchema = z.object({
  env: z.array(z.object({ name: z.string(), value: z.string().optional() })),
  securityContext: z.object({ readOnlyRootFilesystem: z.boolean() }),
  volumeMounts: z.array(
    z.object({ name: z.string(), mountPath: z.string(), readOnly: z.boolean().optional() }),
  ),
});

const templateSchema = z.object({
  spec: z.object({
    containers: z.array(containerSchema),
    volumes: z.array(z.object({ name: z.string(), emptyDir: z.object({}).optional() })),
  }),
});

const groupSchema = z.object({
  spec: z.object({
    leaderWorkerTemplate: z.object({
      leaderTemplate: templateSchema.optional(),
      workerTemplate: templateSchema,
    }),
  }),
});

describe.each(specNames)('pods of %s', (name) => {
  const pods = renderManifests(planLayout(readSpec(name)))
    .filter(({ kind }) => kind === 'LeaderWorkerSet')
    .flatMap((manifest) => {
      const { leaderTemplate, workerTemplate } =
        groupSchema.parse(manifest).spec.leaderWorkerTemplate;
      return [leaderTemplate ?? workerTemplate, workerTemplate];
    })
    .map(({ spec }) => spec);

  test('have writable volumes for temporary files, shared memory and caches', () => {
    for (const pod of pods) {
      expect(writablePaths(pod)).toEqual(expect.arrayContaining(['/tmp', '/dev/shm', '/cache']));
    }
  });

  test('are told of no folder for caches outside those volumes', () => {
    for (const pod of pods) {
      const paths = writablePaths(pod);
      const caches = pod.containers.flatMap(({ env }) => env).filter(isCacheVariable);
      expect(caches.map(({ name: variable }) => variable)).toEqual(
        expect.arrayContaining(['HOME', 'HF_HOME', 'XDG_CACHE_HOME', 'TRITON_CACHE_DIR']),
      );
      for (const { name: variable, value = '' } of caches) {
        expect(
          paths.some((path) => value.startsWith(`${path}/`)),
          variable,
        ).toBe(true);
      }
    }
  });
});

type Pod = z.infer<typeof templateSchema>['spec'];

function writablePaths({ containers, volumes }: Pod): string[] {
  const empty = volumes.filter(({ emptyDir }) => emptyDir !== undefined).map(({ name }) => name);
  return containers
    .flatMap(({ volumeMounts }) => volumeMounts)
    .filter((mount) => empty.includes(mount.name) && mount.readOnly !== true)
    .map(({ mountPath }) => mountPath);
}

function isCacheVariable({ name }: { readonly name: string }): boolean {
  return /HOME$|CACHE|WORKSPACE_BASE$|TMPDIR$/.test(name);
}
