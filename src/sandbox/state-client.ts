import { join } from 'node:path';

import type { ApiClient } from './api-client.ts';
import { sandboxPaths } from './paths.ts';
import type { SandboxState } from './state.ts';

/** Talks to the API server of a running sandbox as its administrator. */
export async function withApiClient<Result>(
  state: SandboxState,
  use: (client: ApiClient) => Promise<Result>,
): Promise<Result> {
  const { ApiClient } = await import('./api-client.ts');
  const { certificates } = sandboxPaths(state.directory);
  const client = new ApiClient({
    serverUrl: state.serverUrl,
    authorityFile: join(certificates, 'ca.crt'),
    certificateFile: join(certificates, 'admin.crt'),
    keyFile: join(certificates, 'admin.key'),
  });
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}
