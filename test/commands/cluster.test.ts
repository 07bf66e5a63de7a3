import { describe, expect, test } from 'vitest';
import { FakeCluster } from '../actions/fake-cluster.ts';
import { FakeClock } from '../actions/recording-host.ts';
import { FakeOutput, FakeTerminal, run } from './fake-context.ts';

async function applied(): Promise<FakeCluster> {
  const cluster = new FakeCluster();
  await run('apply --yes --no-wait', { cluster });
  cluster.reset();
  return cluster;
}

/** A clock that presses Ctrl-C at the given sleep. */
function abortingClock(controller: AbortController, atSleep: number) {
  const clock = new FakeClock();
  let sleeps = 0;
  clock.onSleep = () => {
    sleeps += 1;
    if (sleeps === atSleep) controller.abort();
  };
  return { clock, rounds: () => sleeps };
}

describe('plan', () => {
  test('exits 2 when changes are present, and writes nothing', async () => {
    const { code, stdout, cluster } = await run('plan');
    expect({ code, writes: cluster.writes }).toEqual({ code: 2, writes: [] });
    expect(stdout).toContain('https://10.0.0.1:6443');
    expect(stdout).toContain('context  lab');
  });

  test('exits 0 when the cluster matches', async () => {
    const { code, stdout } = await run('plan', { cluster: await applied() });
    expect(code).toBe(0);
    expect(stdout).toContain('Plan: no changes');
  });

  test('keeps progress out of stdout, and in JSON lines with -o json', async () => {
    const { stdout, stderr } = await run('plan -o json');
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'Plan', target: { context: 'lab' } });
    const events = stderr
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(events[0]).toMatchObject({ apiVersion: 'dsdeploy/v1', kind: 'Event', code: 'TARGET' });
  });

  test('passes the context on', async () => {
    expect((await run('plan --context rack-7')).opened).toEqual(['cluster rack-7']);
  });
});

describe('apply', () => {
  test('declines without --yes where nobody can be asked, and writes nothing', async () => {
    const { code, stderr, cluster } = await run('apply');
    expect({ code, writes: cluster.writes }).toEqual({ code: 5, writes: [] });
    expect(stderr).toContain('error DECLINED');
    expect(stderr).toContain('--yes');
  });

  test('shows the plan, asks with the context, and writes nothing after a no', async () => {
    const terminal = new FakeTerminal(() => false);
    const { code, cluster } = await run('apply', { terminal });
    expect({ code, writes: cluster.writes }).toEqual({ code: 5, writes: [] });
    expect(terminal.shown).toContain('Plan: ');
    expect(terminal.questions).toEqual(['Apply this plan for "deepseek" in context lab?']);
  });

  test('ends with 130 after Ctrl-C at the question', async () => {
    const controller = new AbortController();
    const terminal = new FakeTerminal(() => {
      controller.abort();
      return false;
    });
    const { code, cluster } = await run('apply', { terminal, controller });
    expect({ code, writes: cluster.writes }).toEqual({ code: 130, writes: [] });
  });

  test('applies after a yes; --no-wait ends there', async () => {
    const terminal = new FakeTerminal(() => true);
    const { code, stdout, cluster } = await run('apply --no-wait', { terminal });
    expect(code).toBe(0);
    expect(cluster.writes.length).toBeGreaterThan(10);
    expect(stdout).toMatch(/^Applied: \d+ created$/m);
  });

  test('asks nothing when there is nothing to change', async () => {
    const terminal = new FakeTerminal(() => false);
    const result = await run('apply --no-wait', { terminal, cluster: await applied() });
    expect(result.code).toBe(0);
    expect(terminal.questions).toEqual([]);
  });

  test('-o json prints one document, with no health when it did not wait', async () => {
    const document = JSON.parse((await run('apply --yes --no-wait -o json')).stdout);
    expect(document).toMatchObject({
      apiVersion: 'dsdeploy/v1',
      kind: 'ApplyResult',
      health: null,
    });
  });

  test('keeps the plan off stdout', async () => {
    const { stdout, stderr } = await run('apply --yes --no-wait');
    expect(stdout).not.toContain('Plan:');
    expect(stderr).toContain('Plan:');
  });
});

describe('apply with a wait', () => {
  test('exits 3 when the time is over, with the health on stdout', async () => {
    const { code, stdout, stderr } = await run('apply --yes --wait-timeout 30s');
    expect(code).toBe(3);
    expect(stdout).toMatch(/^Applied: \d+ created$/m);
    expect(stdout).toContain('gave up after 30s');
    expect(stderr).toMatch(/^Waiting \d+s \(a group needs about \S+\): main/m);
  });

  test('-o json holds what was done and the health', async () => {
    const { stdout } = await run('apply --yes --wait-timeout 30s -o json');
    const document = JSON.parse(stdout);
    expect(document.applied.length).toBeGreaterThan(10);
    expect(document.health).toMatchObject({ kind: 'HealthReport', wait: { ended: 'timed-out' } });
  });
});

describe('health', () => {
  test('exits 3 when nothing is deployed, and says so on stdout', async () => {
    const { code, stdout } = await run('health');
    expect(code).toBe(3);
    expect(stdout).toContain('Group main');
  });

  test('-o json is a report', async () => {
    const { code, stdout } = await run('health -o json', { cluster: await applied() });
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'HealthReport', groups: [{ group: 'main' }] });
  });

  test('--watch prints only what changes and ends with 130', async () => {
    const controller = new AbortController();
    const { clock, rounds } = abortingClock(controller, 4);
    const result = await run('health --watch -o json', { clock, controller });
    expect(result.code).toBe(130);
    expect(rounds()).toBe(4);
    expect(result.stdout.trim().split('\n')).toHaveLength(1);
  });

  test('--watch leaves a terminal that echoed ^C at the start of a line', async () => {
    const watch = async (stderr: FakeOutput) => {
      const controller = new AbortController();
      const { clock } = abortingClock(controller, 2);
      await run('health --watch -o json', { clock, controller, stderr });
      return stderr.text;
    };
    const redirected = await watch(new FakeOutput());
    expect(await watch(new FakeOutput(80))).toBe(`${redirected}\n`);
  });
});

describe('destroy', () => {
  test('says that there is nothing, asks nothing, and exits 0', async () => {
    const terminal = new FakeTerminal(() => false);
    const { code, stdout } = await run('destroy', { terminal });
    expect({ code, questions: terminal.questions }).toEqual({ code: 0, questions: [] });
    expect(stdout).toContain('Nothing of "deepseek"');
  });

  test('declines without --yes where nobody can be asked', async () => {
    const cluster = await applied();
    expect(await run('destroy', { cluster })).toMatchObject({ code: 5 });
    expect(cluster.writes).toEqual([]);
  });

  test('deletes what apply made', async () => {
    const cluster = await applied();
    const { code, stdout } = await run('destroy --yes', { cluster });
    expect(code).toBe(0);
    expect(stdout).toMatch(/Deleted \d+ objects of "deepseek"; all of them are gone/);
    expect(cluster.names()).toEqual([]);
  });

  test('-o json is a result', async () => {
    const { stdout } = await run('destroy --yes -o json', { cluster: await applied() });
    expect(JSON.parse(stdout)).toMatchObject({ apiVersion: 'dsdeploy/v1', kind: 'DestroyResult' });
  });
});
