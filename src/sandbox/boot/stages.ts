import { readFile } from 'node:fs/promises';

import type { ApiObject } from '../api-client.ts';
import { stagesDirectory } from '../assets.ts';
import { parseManifests, readManifests } from '../manifest-files.ts';
import { resourcePath } from '../resource-path.ts';
import type { SandboxState } from '../state.ts';
import { withApiClient } from '../state-client.ts';

/** A kwok Stage: how an object moves from one state to the next. */
export interface Stage extends ApiObject {
  readonly kind: 'Stage';
  readonly spec: {
    readonly delay?: { readonly durationMilliseconds?: number };
    readonly [field: string]: unknown;
  };
}

/** Reads the stages every sandbox starts with, readiness put off by `podReadyDelayMs`. */
export async function readPodStages(podReadyDelayMs: number): Promise<Stage[]> {
  const objects = await readManifests(stagesDirectory());
  return objects
    .filter(isStage)
    .map((stage) =>
      stage.metadata.name === 'pod-ready' ? withDelay(stage, podReadyDelayMs) : stage,
    );
}

/**
 * Adds stages to a running sandbox, or replaces those of the same name.
 *
 * This is how tests stage slow loads, crash loops, image-pull errors and lost nodes: the default
 * stages have weight 0 or 1, so a stage with a weight of a million wins whenever both match.
 *
 * @param stages - objects, or paths of YAML files that hold them.
 */
export async function applyStages(
  state: SandboxState,
  stages: readonly (Stage | string)[],
): Promise<void> {
  const objects = await Promise.all(
    stages.map(async (stage) =>
      typeof stage === 'string' ? parseManifests(await readFile(stage, 'utf8')) : [stage],
    ),
  );
  const { applyObjects } = await import('../apply-objects.ts');
  await withApiClient(state, (client) => applyObjects(client, objects.flat()));
}

/** Takes stages away again, by name; those of the default set too. */
export async function deleteStages(state: SandboxState, names: readonly string[]): Promise<void> {
  await withApiClient(state, async (client) => {
    for (const name of names) await client.delete(resourcePath('Stage'), name);
  });
}

/** Changes how long running pods take to get ready, from now on. */
export async function setPodReadyDelay(state: SandboxState, delayMs: number): Promise<void> {
  await applyStages(state, await readPodStages(delayMs));
}

function withDelay(stage: Stage, delayMs: number): Stage {
  const delay = { durationMilliseconds: delayMs };
  return { ...stage, spec: { ...stage.spec, delay } };
}

function isStage(object: ApiObject): object is Stage {
  return object.kind === 'Stage';
}
