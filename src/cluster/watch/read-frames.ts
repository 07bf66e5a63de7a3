import { isObject } from '../live-object.ts';
import { BadReplyError, StatusError } from '../transport/status-error.ts';

/** One line of a watch. */
export interface WatchFrame {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: Readonly<Record<string, unknown>>;
}

/** Reads the lines of a watch; an `ERROR` line is thrown as the `StatusError` it carries. */
export async function* readFrames(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<WatchFrame, void, undefined> {
  const decoder = new TextDecoder();
  let pending = '';
  for await (const chunk of chunks) {
    const lines = (pending + decoder.decode(chunk, { stream: true })).split('\n');
    // What follows the last newline is not complete; if the connection ends here, it is sent again.
    pending = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') yield parseFrame(line);
  }
}

function parseFrame(line: string): WatchFrame {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new BadReplyError('a line of the watch is not JSON', { cause: error });
  }
  if (!isObject(value) || !isObject(value['object'])) {
    throw new BadReplyError('a line of the watch is no event');
  }
  const { type, object } = value;
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
    case 'BOOKMARK':
      return { type, object };
    case 'ERROR':
      throw new StatusError(Number(object['code'] ?? 500), JSON.stringify(object));
    default:
      throw new BadReplyError(`a watch event of type "${String(type)}" is not known`);
  }
}
