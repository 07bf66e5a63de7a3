import { once } from 'node:events';
import type { Files } from '../../src/actions/read-spec.ts';
import type {
  Cluster,
  KindRef,
  LiveObject,
  WatchEvent,
  WatchOptions,
} from '../../src/cluster/index.ts';
import type { Context } from '../../src/commands/context.ts';
import { main } from '../../src/commands/main.ts';
import type { SandboxPort } from '../../src/commands/run/sandbox-port.ts';
import type { ExitCode } from '../../src/errors/index.ts';
import type { ProgressHost } from '../../src/ui/host/progress-host.ts';
import type { Output } from '../../src/ui/output.ts';
import { FakeCluster } from '../actions/fake-cluster.ts';
import { FakeClock } from '../actions/recording-host.ts';
import { readRepositoryFile } from '../render/repository-file.ts';

/** Collects what is written. */
export class FakeOutput implements Output {
  text = '';
  readonly isTty: boolean;
  readonly columns: number | undefined;
  isClosed = false;

  constructor(columns?: number) {
    this.isTty = columns !== undefined;
    this.columns = columns;
  }

  write(text: string): void {
    this.text += text;
  }
}

/** Files in memory; an absent one is Node's own `ENOENT`. */
export class FakeFiles implements Files {
  readonly texts: Map<string, string>;
  stdin = '';

  constructor(texts: Readonly<Record<string, string>>) {
    this.texts = new Map(Object.entries(texts));
  }

  readText(path: string): Promise<string> {
    const text = this.texts.get(path);
    return text === undefined ? Promise.reject(systemError('ENOENT')) : Promise.resolve(text);
  }

  readStdin(): Promise<string> {
    return Promise.resolve(this.stdin);
  }

  listFiles(path: string): Promise<readonly string[]> {
    const inside = [...this.texts.keys()].filter((name) => name.startsWith(`${path}/`));
    if (this.texts.has(path) || this.bytes.has(path)) return Promise.resolve([path]);
    return inside.length === 0 ? Promise.reject(systemError('ENOENT')) : Promise.resolve(inside);
  }

  writeText(path: string, text: string, { overwrite }: { overwrite: boolean }): Promise<void> {
    if (!overwrite && this.texts.has(path)) return Promise.reject(systemError('EEXIST'));
    this.texts.set(path, text);
    return Promise.resolve();
  }

  remove(path: string): Promise<void> {
    const isThere = this.texts.delete(path);
    return isThere ? Promise.resolve() : Promise.reject(systemError('ENOENT'));
  }

  readonly bytes = new Map<string, Uint8Array>();

  writeBytes(
    path: string,
    bytes: Uint8Array,
    { overwrite }: { overwrite: boolean },
  ): Promise<void> {
    if (!overwrite && this.bytes.has(path)) return Promise.reject(systemError('EEXIST'));
    this.bytes.set(path, bytes);
    return Promise.resolve();
  }
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** A terminal at which a person answers one way or presses Ctrl-C. */
export class FakeTerminal implements ProgressHost {
  readonly isInteractive = true;
  readonly questions: string[] = [];
  shown = '';
  readonly #answer: () => boolean;

  constructor(answer: () => boolean) {
    this.#answer = answer;
  }

  confirm(question: string): Promise<boolean> {
    this.questions.push(question);
    return Promise.resolve(this.#answer());
  }

  show(text: string): void {
    this.shown += text;
  }

  refresh(text: string): void {
    this.shown = text;
  }

  notify(): void {
    // Progress is not what these tests are about.
  }

  close(): void {
    // Nothing is open.
  }
}

export interface RunOptions {
  readonly files?: FakeFiles;
  readonly cluster?: FakeCluster;
  readonly terminal?: ProgressHost;
  readonly sandbox?: Partial<SandboxPort>;
  readonly controller?: AbortController;
  readonly stdout?: FakeOutput;
  readonly stderr?: FakeOutput;
  readonly clock?: FakeClock;
}

export interface RunResult {
  readonly code: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
  readonly files: FakeFiles;
  readonly cluster: FakeCluster;
  /** Which ports of the outside were opened, in order. */
  readonly opened: readonly string[];
}

export const templateText = readRepositoryFile('templates/h200-vllm-2-nodes.yaml');

/** Runs one command line as the bin does, with everything outside the process faked. */
export async function run(commandLine: string, options: RunOptions = {}): Promise<RunResult> {
  const {
    files = new FakeFiles({ 'dsdeploy.yaml': templateText }),
    cluster = new FakeCluster(),
    controller = new AbortController(),
    stdout = new FakeOutput(),
    stderr = new FakeOutput(),
    clock = new FakeClock(),
    terminal,
    sandbox = {},
  } = options;
  const opened: string[] = [];
  const context: Context = {
    version: '9.9.9',
    stdout,
    stderr,
    environment: { noColor: false, forceColor: false, ci: false, dumbTerminal: false, utf8: true },
    signal: controller.signal,
    operator: 'ann@laptop',
    processId: 4242,
    clock,
    files,
    openCluster: ({ context: name }) => {
      opened.push(`cluster ${name ?? 'current'}`);
      return Promise.resolve(watchable(cluster));
    },
    openSandbox: () => {
      opened.push('sandbox');
      return Promise.resolve(aSandbox(sandbox));
    },
    ...(terminal === undefined ? {} : { openTerminal: () => Promise.resolve(terminal) }),
  };
  const argv = commandLine.split(' ').filter((word) => word !== '');
  const code = await main(argv, context);
  return { code, stdout: stdout.text, stderr: stderr.text, files, cluster, opened };
}

/** Two nodes of the template's pool, unless the test has nodes of its own. */
function templateNodes(): readonly LiveObject[] {
  return ['h200-0', 'h200-1'].map((name) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      uid: name,
      resourceVersion: '1',
      labels: { 'nvidia.com/gpu.product': 'NVIDIA-H200', 'kubernetes.io/arch': 'amd64' },
    },
    status: {
      allocatable: {
        cpu: '190',
        memory: '2040Gi',
        'ephemeral-storage': '14Ti',
        'nvidia.com/gpu': '8',
        'rdma/rdma_shared_device_a': '8',
      },
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  }));
}

/** The fake with nodes, and a watch that lists once and then stays silent. */
function watchable(cluster: FakeCluster): Cluster {
  async function* watch(kind: KindRef, options: WatchOptions): AsyncGenerator<WatchEvent> {
    for (const object of await cluster.list(kind, options)) yield { type: 'added', object };
    yield { type: 'synced' };
    if (!options.signal.aborted) await once(options.signal, 'abort');
  }
  const list: Cluster['list'] = async (kind, options) => {
    const found = await cluster.list(kind, options);
    return kind.kind === 'Node' && found.length === 0 ? templateNodes() : found;
  };
  return new Proxy<Cluster>(cluster, {
    get: (target, key) => {
      if (key === 'list') return list;
      if (key === 'watch') return watch;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

function aSandbox(given: Partial<SandboxPort>): SandboxPort {
  return {
    start: () => Promise.reject(new Error('not expected')),
    stop: () => Promise.resolve({ wasPresent: false, stoppedProcesses: 0 }),
    readStatus: (directory) =>
      Promise.resolve({ phase: 'absent', directory, processes: [], state: undefined }),
    defaultDirectory: (name) => `/state/${name}`,
    ...given,
  };
}
