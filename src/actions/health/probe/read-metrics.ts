import { type MetricsReading, metricsDialect, readEngineMetrics } from '../../../health/index.ts';
import type { PlacedGroup } from '../../../layout/index.ts';
import type { Clock } from '../../host.ts';
import type { ProbeConnection } from './probe-connection.ts';

/** Engines count after they answered: looks until the counters have to show it. */
const settleTries = 4;

const settleDelayMs = 250;

export interface MetricsReader {
  read(): Promise<MetricsReading>;
  /** Reads until `isSettled`, for about a second. */
  readSettled(isSettled: (reading: MetricsReading) => boolean): Promise<MetricsReading>;
}

/** Reads the metrics of one endpoint; they need no key. */
export function metricsReader(
  connection: ProbeConnection,
  { spec }: PlacedGroup,
  options: { readonly clock: Clock; readonly timeoutMs: number },
): MetricsReader {
  const dialect = metricsDialect(spec.engine);
  const read = async (): Promise<MetricsReading> => {
    const reply = await connection.ask({ path: '/metrics', timeoutMs: options.timeoutMs });
    switch (reply.kind) {
      case 'answered':
        if (reply.status === 200) return readEngineMetrics(reply.body, dialect);
        return { kind: 'unreadable', reason: `GET /metrics answered ${reply.status}` };
      case 'broken':
        return { kind: 'unreadable', reason: 'GET /metrics broke off' };
      case 'timed-out':
        return { kind: 'unreadable', reason: `GET /metrics: none within ${reply.afterSeconds} s` };
      case 'refused':
      case 'not-asked':
        return { kind: 'unreadable', reason: `GET /metrics: ${reply.reason}` };
    }
  };
  const readSettled: MetricsReader['readSettled'] = async (isSettled) => {
    for (let tries = 1; ; tries += 1) {
      const reading = await read();
      if (tries >= settleTries || reading.kind === 'unreadable' || isSettled(reading))
        return reading;
      await options.clock.sleep(settleDelayMs);
    }
  };
  return { read, readSettled };
}
