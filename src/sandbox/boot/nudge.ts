import type { ApiClient } from '../api-client.ts';
import { resourcePath } from '../resource-path.ts';

/** The stage that makes a new node ready. */
const nodeStage = 'node-initialize';

const annotation = 'dsdeploy/nudged-at';

/**
 * Has kwok look again at its stages and at the given nodes, by changing an annotation of each.
 *
 * kwok looks when something changes, and may miss it: what it remembers of the stages is marked with
 * the newest version it heard of, also when the newest stage is not in it yet, and a node that fits
 * no stage at that moment is put aside until it changes.
 *
 * @source kwok v0.8.0 `pkg/config/resources/cache.go` (`Get`),
 * `pkg/kwok/controllers/node_controller.go` (`preprocess`)
 */
export async function nudgeKwok(client: ApiClient, nodeNames: readonly string[]): Promise<void> {
  const body = { metadata: { annotations: { [annotation]: new Date().toISOString() } } };
  const nudge = (kind: string, name: string): Promise<unknown> =>
    client.send({
      ...{ method: 'PATCH', path: `${resourcePath(kind)}/${name}`, body },
      contentType: 'application/merge-patch+json',
    });
  await nudge('Stage', nodeStage);
  await Promise.all(nodeNames.map((name) => nudge('Node', name)));
}
