import { describe, expect, test } from 'vitest';
import { podSecurityOf } from '../../src/render/index.ts';
import { aPlacedGroup } from './a-layout.ts';

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
      user: { user: 2000, group: 2000 },
      capabilities: [],
      exceptions: [],
    });
  });
});
