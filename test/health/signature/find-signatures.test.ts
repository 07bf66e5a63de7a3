import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { sglangMilestones } from '../../../src/engines/sglang/observability.ts';
import { vllmMilestones } from '../../../src/engines/vllm/observability.ts';
import { parsePodStatus } from '../../../src/health/pod/pod-status.ts';
import {
  findSignatures,
  firstCause,
  type SignatureContext,
  signatures,
} from '../../../src/health/signature/index.ts';
import { aPod } from '../builders.ts';
import { type SignatureCase, signatureCases } from './cases.ts';
import { healthyAscend, healthySglang, healthyVllm } from './healthy-logs.ts';

function aContext(overrides: Partial<SignatureContext> = {}): SignatureContext {
  const engine = overrides.engine ?? 'vllm';
  return {
    engine,
    group: 'main',
    pool: 'h200',
    namespace: 'deepseek',
    pod: 'deepseek-main-0-1',
    node: 'node-1',
    podsPerGroup: 2,
    rdma: true,
    modelPath: '/models/DeepSeek-V3.2',
    milestones: engine === 'sglang' ? sglangMilestones : vllmMilestones,
    ...overrides,
  };
}

function statusOf(message: string) {
  const state =
    message === 'OOMKilled'
      ? { terminated: { exitCode: 137, reason: 'OOMKilled' } }
      : { waiting: { reason: 'RunContainerError', message } };
  return parsePodStatus(
    aPod({ containers: [{ name: 'engine', ready: false, restartCount: 1, state }] }),
  );
}

function findingsOf({ log, message, engine, ended }: SignatureCase) {
  const status = message === undefined ? undefined : statusOf(message);
  return findSignatures(log, status, aContext({ engine, ...(ended ? { ended } : {}) }));
}

describe('findSignatures', () => {
  it.each(signatureCases.map((entry) => [entry.code, entry] as const))(
    'recognises %s',
    (code, entry) => {
      const findings = findingsOf(entry);
      expect(firstCause(findings)?.code).toBe(code);
      const [finding] = findings.filter((found) => found.code === code);
      expect(finding?.lines.length).toBeGreaterThan(0);
      expect(finding?.lines.length).toBeLessThanOrEqual(3);
      expect(finding?.lines.every((line) => line.length > 0)).toBe(true);
    },
  );

  test('every known failure has a case', () => {
    const tried = new Set(signatureCases.map(({ code }) => code));
    expect(signatures.map(({ code }) => code).filter((code) => !tried.has(code))).toEqual([]);
  });

  it.each([
    ['vllm', healthyVllm],
    ['sglang', healthySglang],
    ['vllm-ascend', healthyAscend],
  ] as const)('says nothing about a healthy start of %s', (engine, log) => {
    expect(findSignatures(log, parsePodStatus(aPod()), aContext({ engine }))).toEqual([]);
  });

  it.each([
    ['sockets in a group without RDMA', { rdma: false }, 'NCCL INFO NET/IB : No device found.'],
    ['sockets in a group of one pod', { podsPerGroup: 1 }, 'NCCL INFO NET/IB : No device found.'],
    ['the loopback in a group of one pod', { podsPerGroup: 1 }, 'Bootstrap : Using lo:127.0.0.1'],
    ['a flag of another engine', { engine: 'sglang' }, 'KeyboardInterrupt: terminated'],
    ['a status of 112', {}, 'Got completion from peer 1.2.3.4 with status=112'],
    [
      'a peer that is tried again',
      {},
      'NCCL INFO socketPollConnect: connect to 10.1.0.4<41235> returned Connection refused, retrying (1/34) after sleep for 100 msec',
    ],
    [
      'a name that PyTorch looks up again',
      {},
      '[W1124 10:00:01 socket.cpp:752] [c10d] The IPv6 network addresses of (v32-0, 20000) cannot be retrieved (gai error: -2 - Name or service not known).',
    ],
    ['a traceback of a process that goes on', {}, 'Traceback (most recent call last):'],
  ] as const)('says nothing about %s', (_, overrides, log) => {
    expect(findSignatures(log, undefined, aContext(overrides))).toEqual([]);
  });

  test('every next step names a command or a key of the spec, and every rule its source', () => {
    for (const { code, nextStep, source, meaning } of signatures) {
      expect(nextStep(aContext()), code).toMatch(
        /`[^`]+`|groups\[main\]\.|pool h200|model\.|\/models/,
      );
      expect(source, code).toMatch(/^https:\/\//);
      expect(meaning, code).toMatch(/^[A-Z/].*\.$/);
    }
  });

  test('codes are unique', () => {
    const codes = signatures.map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
  });

  test('the three lines come in the order of the log, with the proof among them', () => {
    const [finding] = findSignatures(
      `${healthyVllm}\n${signatureCases.find(({ code }) => code === 'shm-full')?.log ?? ''}`,
      undefined,
      aContext(),
    );
    expect(finding?.code).toBe('shm-full');
    expect(finding?.lines.some((line) => line.includes('/dev/shm/nccl-'))).toBe(true);
  });

  test('the rank is read from whoever wrote the line', () => {
    const [finding] = findSignatures(
      '(Worker_DP1_TP3_EP11 pid=7) ERROR x\n(Worker_DP1_TP3_EP11 pid=7) SafetensorError: bad',
      undefined,
      aContext(),
    );
    expect(finding?.rank).toBe('DP1 TP3');
  });

  test('arbitrary text never breaks a rule and never gives a finding twice', () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom(...signatureCases.map(({ log }) => log)),
      fc.constantFrom(...healthyVllm.split('\n')),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        const found = findSignatures(lines.join('\n'), undefined, aContext());
        expect(new Set(found.map(({ code }) => code)).size).toBe(found.length);
        for (const finding of found) expect(finding.lines.length).toBeLessThanOrEqual(3);
      }),
      { numRuns: 200 },
    );
  });
});

describe('firstCause', () => {
  const at = (second: number, text: string): string =>
    `2026-11-24T10:00:${String(second).padStart(2, '0')}.000000000Z ${text}`;

  test('the first failure in time wins over louder later ones', () => {
    const log = [
      at(1, "PermissionError: [Errno 13] Permission denied: '/models/x/config.json'"),
      ...Array.from({ length: 5 }, (_, i) => at(5 + i, 'CUDA out of memory')),
      at(20, 'Watchdog caught collective operation timeout'),
    ].join('\n');
    expect(firstCause(findSignatures(log, undefined, aContext()))?.code).toBe('weights-permission');
  });

  test('the earliest of several pods is blamed, not the echo in its peers', () => {
    const worker = findSignatures(
      at(9, '[rank12]: SafetensorError: MetadataIncompleteBuffer'),
      undefined,
      aContext(),
    );
    // The clock of the leader's node runs five seconds behind.
    const leader = findSignatures(
      at(4, 'Gloo: Connection closed by peer [10.1.0.5]:34123'),
      undefined,
      aContext({ pod: 'deepseek-main-0' }),
    );
    expect(firstCause([...leader, ...worker])).toMatchObject({
      code: 'weights-corrupt',
      pod: 'deepseek-main-0-1',
      rank: 'rank 12',
    });
  });

  test('what only slows the group down never hides what ends it', () => {
    const log = [
      at(1, 'NCCL INFO NET/IB : No device found.'),
      at(30, 'DeepEP error: timeout (dispatch CPU)'),
    ].join('\n');
    const findings = findSignatures(log, undefined, aContext());
    expect(findings.map(({ code }) => code).toSorted()).toEqual(['deepep-failed', 'rdma-missing']);
    expect(firstCause(findings)?.code).toBe('deepep-failed');
  });

  test('findings without times keep the order of the log', () => {
    const log = 'Address already in use\nCUDA out of memory';
    expect(firstCause(findSignatures(log, undefined, aContext()))?.code).toBe('port-in-use');
  });
});
