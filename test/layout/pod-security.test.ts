import { describe, expect, test } from 'vitest';
import { planLayout, podSecurityOf } from '../../src/layout/index.ts';
import { aPlacedGroup, aTemplateSpec } from '../render/a-layout.ts';

const pvc = { kind: 'pvc', claimName: 'weights' } as const;

describe('podSecurityOf()', () => {
  test('gives each departure from restricted its own sentence', () => {
    const group = aPlacedGroup();
    const pool = { ...group.pool, fabric: { ...group.pool.fabric, hostNetwork: true } };
    const { level, exceptions } = podSecurityOf(
      { ...group, pool },
      { kind: 'hostPath', path: '/w' },
    );
    expect(level).toBe('privileged');
    expect(exceptions).toEqual([
      expect.stringContaining('IPC_LOCK'),
      expect.stringContaining('host network'),
      expect.stringContaining('/w'),
    ]);
  });

  test('takes nothing from the fabric for a group of one pod', () => {
    const group = { ...aPlacedGroup(), podsPerGroup: 1 };
    expect(podSecurityOf(group, pvc)).toEqual({
      level: 'restricted',
      user: { user: 2000, group: 10_001 },
      capabilities: [],
      exceptions: [],
    });
  });
});

describe('planLayout()', () => {
  test('lists each departure, so that a plan shows it', () => {
    const notes = aPlacedGroup(planLayout(aTemplateSpec('a3-vllm-ascend-2-nodes'))).notes;
    const told = notes.filter(({ code }) => code === 'SECURITY_EXCEPTION');
    const messages = told.map(({ message }) => message).join('\n');
    expect(messages).toContain('runs the engine as root: /dev/davinci*');
    expect(messages).toContain('mounts the host path /etc/hccn.conf read-only');
    expect(messages).toContain('host network');
  });

  test('lists none for one H200 node, whose pods are restricted', () => {
    const { notes } = aPlacedGroup(planLayout(aTemplateSpec('h200-vllm-1-node')));
    expect(notes.map(({ code }) => code)).not.toContain('SECURITY_EXCEPTION');
  });
});
