import type { RunResult } from '../../lab/world/running-lab';

/** That a command ended with status 0. Where it did not, the end of what it printed is the failure that is shown. */
export const expectSuccess = ({ status, stdout, stderr }: RunResult): void =>
  expect(status === 0 ? '' : `${stdout}${stderr}`.slice(-4000)).toBe('');
