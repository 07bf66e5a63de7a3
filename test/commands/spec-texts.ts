/** What a spec of one pool and one group says; a test states only what differs. */
export interface SpecText {
  readonly model?: string;
  readonly accelerator?: string;
  readonly nodes?: number;
  /** Lines of the group beside name and pool, YAML flow. */
  readonly group: Readonly<Record<string, unknown>>;
}

/** YAML of a spec; JSON is YAML. */
export function specText(text: SpecText): string {
  const { model = 'deepseek-ai/DeepSeek-V3.2', accelerator = 'h200', nodes = 1, group } = text;
  return JSON.stringify({
    apiVersion: 'dsdeploy/v1',
    name: 'lab',
    createNamespace: false,
    model: { id: model, weights: { pvc: { claimName: 'weights' }, readBandwidth: '2GB/s' } },
    pools: {
      lab: {
        accelerator,
        nodes,
        nodeSelector: { pool: 'lab' },
        pod: { cpu: 32, memory: '512Gi', ephemeralStorage: '100Gi', sharedMemory: '32Gi' },
        ...(nodes > 1 ? { fabric: { socketInterface: 'eth0', rdma: 'none' } } : {}),
      },
    },
    groups: [{ name: 'main', pool: 'lab', nodes, ...group }],
    api: { keySecret: 'none' },
  });
}

/** Parallel degrees with experts cut. */
export function cut(tensor: number, data = 1, pipeline = 1) {
  return { tensor, data, pipeline, expert: false };
}
