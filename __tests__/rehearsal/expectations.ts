import type { RunResult } from '../../lab/world/running-lab';
import type { LabSession } from './lab-session';

/** That a command ended with status 0. Where it did not, the end of what it printed is the failure that is shown. */
export const expectSuccess = ({ status, stdout, stderr }: RunResult): void =>
  expect(status === 0 ? '' : `${stdout}${stderr}`.slice(-4000)).toBe('');

/** That a cluster is as its spec says: every check of a rehearsal passes, and a plan has nothing to do. */
export const expectSettled = async (session: LabSession): Promise<void> => {
  expect(await session.check()).toEqual([
    'PASS nodes-ready',
    'PASS vip-holder',
    'PASS etcd-quorum',
    'PASS helm-releases',
  ]);
  expect(await session.plan()).toMatchObject({ status: 0, changes: [] });
};

/** Deploys, and then the cluster is settled. */
export const expectDeployed = async (session: LabSession): Promise<void> => {
  expectSuccess(await session.deploy());
  await expectSettled(session);
};
