import { exitStatus, look, type CheckResult } from '../../../lab/rehearsal/check-result';
import { table } from '../../../lab/rehearsal/report';
import { checkScenarios } from '../../../lab/rehearsal/scenarios';
import { createScreen } from '../../../lab/rehearsal/screen';

const PASS: CheckResult = { check: 'etcd-quorum', status: 'PASS', fact: '3 of 3 members healthy' };
const FAIL: CheckResult = { check: 'vip-holder', status: 'FAIL', fact: 'nobody', fix: 'kubectl get lease' };
const SKIP: CheckResult = { check: 'destroy', status: 'SKIP', fact: 'the lab is kept' };

describe('results of checks', () => {
  test('the exit status is 0 only where something was looked at and nothing failed', () => {
    expect([exitStatus([PASS, SKIP]), exitStatus([PASS, FAIL]), exitStatus([])]).toEqual([0, 1, 1]);
  });

  test('a fix stands beside a failure only', async () => {
    const good = await look('a', 'do b', () => Promise.resolve({ good: true, fact: 'fine', seen: { n: 1 } }));
    const bad = await look('a', 'do b', () => Promise.resolve({ good: false, fact: 'not fine' }));
    expect(good).toEqual({ check: 'a', status: 'PASS', fact: 'fine', seen: { n: 1 } });
    expect(bad).toEqual({ check: 'a', status: 'FAIL', fact: 'not fine', fix: 'do b' });
  });

  test('a check that could not look has failed, with the reason', async () => {
    const result = await look('a', 'do b', () => Promise.reject(new Error('no answer within 5 s')));
    expect(result).toEqual({ check: 'a', status: 'FAIL', fact: 'no answer within 5 s', fix: 'do b' });
  });

  test('with patience a check looks again, and its last fact counts', async () => {
    const facts = ['nobody', 'nobody', 'controlplane1'];
    const find = (): Promise<{ good: boolean; fact: string }> => {
      const fact = facts.shift() ?? '';
      return Promise.resolve({ good: facts.length === 0, fact });
    };
    expect(await look('a', 'do b', find, 10_000)).toEqual({ check: 'a', status: 'PASS', fact: 'controlplane1' });
  });

  test('the table shows facts, the next command, times and memory', () => {
    const nowhere = { write: () => undefined };
    const screen = createScreen({ data: nowhere, status: nowhere, live: false, colours: false });
    const report = {
      version: 1,
      stack: 'infrastructure',
      profile: 'instant',
      status: 1,
      checks: [PASS, FAIL, SKIP],
      phases: [
        { name: 'images', planned: 2, done: 2, startedAt: 1, endedAt: 3.5 },
        { name: 'VMs', planned: 2, done: 0, startedAt: 3, endedAt: undefined },
      ],
      seconds: { deploy: 50.04 },
      peakMemoryBytes: 1.5 * 2 ** 30,
      logFolder: '/logs',
      differences: [{ what: 'disks', production: 'real', lab: 'folders', why: 'small' }],
    } as const;
    expect(table(report, screen).split('\n')).toEqual([
      '',
      'PASS  etcd-quorum  3 of 3 members healthy',
      'FAIL  vip-holder   nobody',
      '      next: kubectl get lease',
      'SKIP  destroy      the lab is kept',
      '',
      'phases (s)   images 2.5',
      'steps (s)    deploy 50.0',
      'peak memory  1.50 GiB',
      'lab          differs from production in 1 ways (npx groundwork lab differences)',
      '1 passed, 1 failed, 1 skipped',
    ]);
  });

  test('a scenario that does not exist is refused with those that do', () => {
    expect(() => checkScenarios(['vip-failover', 'toString'])).toThrow(
      'scenario "toString" is unknown: use vip-failover',
    );
  });
});
