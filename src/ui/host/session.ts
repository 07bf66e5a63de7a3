import type { Output, TextEnvironment } from '../output.ts';
import { type Style, styleFor } from '../style.ts';
import { createJsonHost } from './json-host.ts';
import { createPlainHost } from './plain-host.ts';
import type { ProgressHost } from './progress-host.ts';

/** Begins every document on stdout. */
export interface ResultHeader {
  readonly apiVersion: 'dsdeploy/v1';
  readonly kind: string;
}

/** What a command found: a JSON document, and the same as text. */
export interface Result<D extends ResultHeader = ResultHeader> {
  readonly document: D;
  readonly render: (style: Style) => string;
}

export interface SessionOptions {
  readonly output: 'text' | 'json';
  readonly noColor: boolean;
}

export interface SessionPorts {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly environment: TextEnvironment;
  readonly openTerminal?: (style: Style) => Promise<ProgressHost>;
}

/** One run of a command: progress to stderr through `host`, one result to stdout. */
export interface Session {
  readonly host: ProgressHost;
  readonly isJson: boolean;
  /** Style of stderr, for text given to `host.show`. */
  readonly progressStyle: Style;
  /** Ends the live view and writes the result. */
  readonly print: <D extends ResultHeader>(result: Result<D>) => void;
  /** Writes one result of a series: a line of JSON each with `-o json`. */
  readonly printNext: <D extends ResultHeader>(result: Result<D>) => void;
  readonly close: () => void;
}

export async function openSession(options: SessionOptions, ports: SessionPorts): Promise<Session> {
  const { stdout, stderr, environment, openTerminal } = ports;
  const { noColor } = options;
  const isJson = options.output === 'json';
  const progressStyle = styleFor(stderr, { noColor, environment });
  const resultStyle = styleFor(stdout, { noColor, environment });
  const host = isJson
    ? createJsonHost(stderr)
    : ((await openTerminal?.(progressStyle)) ??
      createPlainHost({ output: stderr, style: progressStyle }));
  const write = ({ document, render }: Result, space: number) => {
    host.close();
    stdout.write(isJson ? `${JSON.stringify(document, null, space)}\n` : render(resultStyle));
  };
  return {
    host,
    isJson,
    progressStyle,
    print: (result) => {
      write(result, 2);
    },
    printNext: (result) => {
      write(result, 0);
    },
    close: () => {
      host.close();
    },
  };
}
