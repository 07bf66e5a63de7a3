import { type ReportFacts, versionFacts } from '../../../src/actions/evidence/index.ts';
import { sglangMilestones } from '../../../src/engines/sglang/observability.ts';
import type { Check, HealthReport, PodHealth, PodTimeline } from '../../../src/health/index.ts';
import { findSignatures } from '../../../src/health/index.ts';
import { aLayout } from '../../health/builders.ts';

const startMs = Date.parse('2026-11-24T10:00:00Z');
const at = (second: number): number => startMs + second * 1000;

/** What a pod may say that a page must never run. */
export const hostile =
  '<script>fetch("http://127.0.0.1:9/x")</script><img src=x onerror=alert(1)>"\'&';

function aPodHealth(groupIndex: number, workerIndex: number): PodHealth {
  const leader = `deepseek-main-${String(groupIndex)}`;
  return {
    name: workerIndex === 0 ? leader : `${leader}-${String(workerIndex)}`,
    groupIndex,
    workerIndex,
    node: `node-${String(groupIndex)}-${String(workerIndex)}.rack-${String(groupIndex)}.example`,
    ranks: workerIndex === 0 ? '0-7' : '8-15',
    verdict: 'healthy',
    reason: 'ready',
    detail: 'ready',
    restarts: 0,
  };
}

const findings = findSignatures(
  [
    '2026-11-24T10:03:01.000Z deepseek-main-1-1:88:190 [2] NCCL INFO NET/IB : No device found.',
    '2026-11-24T10:05:11.000Z (EngineCore_DP11 pid=19) Traceback (most recent call last):',
    '2026-11-24T10:05:11.100Z (EngineCore_DP11 pid=19)   File "/usr/lib/python3.12/dist-packages/vllm/model_executor/model_loader/weight_utils.py", line 701, in safetensors_weights_iterator',
    `2026-11-24T10:05:11.200Z (EngineCore_DP11 pid=19) safetensors_rust.SafetensorError: Error while deserializing header: MetadataIncompleteBuffer ${hostile}`,
  ].join('\n'),
  undefined,
  {
    engine: 'vllm',
    group: 'main',
    pool: 'h200',
    namespace: 'deepseek',
    pod: 'deepseek-main-1-1',
    node: 'node-1-1.rack-1.example',
    podsPerGroup: 2,
    rdma: true,
    modelPath: '/models/DeepSeek-V3.2',
    milestones: sglangMilestones,
  },
);

const checks: readonly Check[] = [
  {
    id: 'lws-available',
    level: 'objects',
    subject: 'LeaderWorkerSet/deepseek/deepseek-main',
    outcome: 'pending',
    detail: '1 of 2 groups ready',
  },
  {
    id: 'revision',
    level: 'processes',
    subject: 'LeaderWorkerSet/deepseek/deepseek-main',
    outcome: 'passed',
    detail: 'all pods run revision 6c9f',
  },
  {
    id: 'http-health',
    level: 'engine',
    subject: 'Pod/deepseek/deepseek-main-0',
    outcome: 'passed',
    detail: 'GET /health answered 200',
  },
  {
    id: 'models',
    level: 'service',
    subject: 'Pod/deepseek/deepseek-main-1',
    outcome: 'failed',
    detail: `no answer within 10 s ${hostile}`,
    advice: 'Read what the engine says: `kubectl logs deepseek-main-1 -n deepseek --tail=100`.',
  },
  {
    id: 'metrics',
    level: 'engine',
    subject: 'Pod/deepseek/deepseek-main-1',
    outcome: 'unknown',
    detail: 'pods/portforward may not be created',
    advice: 'Check `kubectl auth can-i create pods/portforward -n deepseek`.',
  },
];

function aStart(pod: PodHealth, done: boolean, offset: number): PodTimeline {
  const spans: PodTimeline['spans'] = [
    { phase: 'scheduling', startMs: at(0), endMs: at(4) },
    { phase: 'pulling image', startMs: at(4), endMs: at(62 + offset) },
    { phase: 'starting', startMs: at(62 + offset), endMs: at(85 + offset) },
    { phase: 'connecting', startMs: at(85 + offset), endMs: at(102 + offset) },
    ...(done
      ? ([
          { phase: 'loading weights', startMs: at(102 + offset), endMs: at(493) },
          { phase: 'preparing', startMs: at(493), endMs: at(510) },
          { phase: 'kernel warm-up', startMs: at(510), endMs: at(698) },
          { phase: 'compiling', startMs: at(698), endMs: at(740) },
          { phase: 'sizing cache', startMs: at(740), endMs: at(752) },
          { phase: 'capturing graphs', startMs: at(752), endMs: at(781) },
          { phase: 'serving', startMs: at(781) },
        ] as const)
      : ([{ phase: 'loading weights', startMs: at(102 + offset) }] as const)),
  ];
  return {
    pod: pod.name,
    groupIndex: pod.groupIndex,
    workerIndex: pod.workerIndex,
    ranks: pod.ranks,
    spans,
    phase: done ? 'serving' : 'loading weights',
    ...(done
      ? {}
      : {
          progress: {
            phase: 'loading weights' as const,
            done: 61,
            total: 163,
            perSecond: 0.42,
            etaSeconds: 243,
            etaErrorSeconds: 31,
          },
          deadlineMs: at(2762),
        }),
    lagging: done ? [] : [{ rank: 'DP11', phase: 'connecting' }],
    ...(!done && pod.workerIndex === 1
      ? { stall: { sinceMs: at(311), seconds: 489, limitSeconds: 60 } }
      : {}),
  };
}

/** Two copies over four nodes: one serves, one fails on a damaged file of weights. */
export function aReportFacts(overrides: Partial<HealthReport> = {}): ReportFacts {
  const pods: readonly PodHealth[] = [
    aPodHealth(0, 0),
    aPodHealth(0, 1),
    {
      ...aPodHealth(1, 0),
      verdict: 'progressing',
      reason: 'loading',
      detail: 'engine loads',
    },
    {
      ...aPodHealth(1, 1),
      verdict: 'unhealthy',
      reason: 'crash-loop',
      detail: `engine: CrashLoopBackOff after exit 1 (Error), 3 restarts ${hostile}`,
      restarts: 3,
    },
  ];
  const layout = aLayout({ replicas: 2 });
  const [first] = findings;
  const report: HealthReport = {
    apiVersion: 'dsdeploy/v1',
    kind: 'HealthReport',
    deployment: { name: 'deepseek', namespace: 'deepseek' },
    verdict: 'unhealthy',
    checks: { done: 3, failed: 1, pending: 1, unknown: 1, skipped: 0, notDone: [] },
    groups: [
      {
        group: 'main',
        ref: {
          apiVersion: 'leaderworkerset.x-k8s.io/v1',
          kind: 'LeaderWorkerSet',
          namespace: 'deepseek',
          name: 'deepseek-main',
        },
        verdict: 'unhealthy',
        readyReplicas: 1,
        replicas: 2,
        pods,
        checks,
      },
    ],
    cause: {
      code: 'crash-loop',
      group: 'main',
      subject: 'Pod/deepseek/deepseek-main-1-1',
      ranks: '8-15',
      node: 'node-1-1.rack-1.example',
      message: `${first?.meaning ?? ''} (engine: CrashLoopBackOff after exit 1 (Error), 3 restarts)`,
      advice: first?.nextStep ?? '',
      events: ['BackOff x9: Back-off restarting failed container engine in pod deepseek-main-1-1'],
      logLines: [
        `(EngineCore_DP11 pid=19) ERROR ${hostile}`,
        'Parent process exited, terminating worker',
      ],
      ...(first === undefined ? {} : { signature: first }),
    },
    findings,
    timeline: pods.map((pod) => aStart(pod, pod.groupIndex === 0, pod.workerIndex * 9)),
    ...overrides,
  };
  return {
    report,
    layout,
    manifests: [
      {
        ref: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'deepseek', name: 'deepseek-start' },
        sha256: 'a'.repeat(64),
      },
    ],
    versions: versionFacts(layout, { dsdeploy: '0.1.0', kubernetes: 'v1.36.2' }),
    readAtMs: at(800),
  };
}
