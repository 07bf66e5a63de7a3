import type { EngineId } from '../../../catalog/index.ts';
import type { ServerSize } from '../../../engines/index.ts';
import { lateText, type Reading, readServerSize } from '../../../health/index.ts';
import type { LifeWatch } from './life-watch.ts';
import { type ProbeConnection, whole } from './probe-connection.ts';

interface ServerSizeWay {
  readonly connection: ProbeConnection;
  readonly life: LifeWatch;
  readonly timeoutMs: number;
}

/** Asks a server how many ranks it runs. It asks its schedulers first, between two steps of theirs. */
export async function askServerSize(
  engine: EngineId,
  path: string,
  { connection, life, timeoutMs }: ServerSizeWay,
): Promise<Reading<ServerSize>> {
  const blind = (reason: string) =>
    ({ kind: 'unreadable', reason: `GET ${path}: ${reason}` }) as const;
  const reply = await life.during(undefined, (giveUp) =>
    connection.ask({ path, key: 'right', timeoutMs, giveUp }),
  );
  const answer = whole(reply);
  switch (answer.kind) {
    case 'answered':
      if (answer.status === 200) return readServerSize(engine, answer.body);
      return blind(`answered ${answer.status}`);
    case 'timed-out':
      return blind(lateText(answer));
    case 'refused':
    case 'not-asked':
      return blind(answer.reason);
  }
}
