import { z } from 'zod';
import type { ServerInfo } from '../engine.ts';

const size = z.int().min(1);

const serverInfo = z.object({
  tp_size: size,
  pp_size: size.default(1),
  dp_size: size.default(1),
  /** Since 0.5.23 attention data ranks are counted apart, and `dp_size` counts whole copies. */
  attn_dp_size: size.default(1),
  internal_states: z.array(z.unknown()).min(1),
});

/**
 * The arguments the server runs with, and the state of its schedulers, which it asks for the page: one
 * whose scheduler hangs does not answer it.
 *
 * With attention data parallelism one scheduler may answer for its whole group, so that the number of
 * states says less than the sizes.
 *
 * @source SGLang entrypoints/http_server.py `server_info`, managers/tokenizer_control_mixin.py
 */
export const sglangServerInfo: ServerInfo = {
  path: '/server_info',
  read: (body) => {
    const { data } = serverInfo.safeParse(body);
    if (data === undefined) return undefined;
    const { tp_size: stage, pp_size: stages, dp_size: copies, attn_dp_size: attention } = data;
    return {
      ranks: stage * stages,
      dataRanks: copies * attention,
      states: data.internal_states.length,
    };
  },
};
