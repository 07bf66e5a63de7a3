import type { ObjectRef } from '../manifest/index.ts';
import type { ClusterIo } from './cluster-io.ts';
import { StatusError } from './transport/status-error.ts';

export interface LogOptions {
  readonly container?: string;
  readonly tailLines: number;
  readonly previous?: boolean;
  readonly timestamps?: boolean;
}

/**
 * Reads the last lines of a container. Where there is no log yet, no earlier container, or no pod
 * any more, the log is empty.
 */
export async function readPodLogs(
  io: ClusterIo,
  { namespace = 'default', name }: ObjectRef,
  { container, tailLines, previous, timestamps }: LogOptions,
): Promise<string> {
  try {
    const { text } = await io.transport.text({
      method: 'GET',
      path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/log`,
      query: {
        container,
        tailLines: String(tailLines),
        previous: previous ? 'true' : undefined,
        timestamps: timestamps ? 'true' : undefined,
      },
    });
    return text;
  } catch (error) {
    if (error instanceof StatusError && hasNoLog(error)) return '';
    throw error;
  }
}

function hasNoLog({ httpStatus, message }: StatusError): boolean {
  if (httpStatus === 404) return true;
  return (
    httpStatus === 400 &&
    /is waiting to start|previous terminated container .* not found|does not have a host assigned|is not available/.test(
      message,
    )
  );
}
