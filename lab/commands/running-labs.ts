import { stopWorld } from '../world/enter';
import { isRunning, listRuns, RunFolder, type RunRecord } from '../world/run-folder';
import { nodeCommand, runInLab, shellCommand } from '../world/shell';
import { RUNS } from './start-lab';

interface Found {
  readonly folder: RunFolder;
  readonly record: RunRecord;
}

/** The lab in a work folder, or else the newest one that runs. */
const find = (work: string | undefined): Found | undefined => {
  const folders = work === undefined ? listRuns(RUNS) : [new RunFolder(work)];
  return folders
    .flatMap((folder) => {
      const record = folder.read();
      return record !== undefined && isRunning(record) ? [{ folder, record }] : [];
    })
    .at(0);
};

/** @throws Error where no lab runs */
const running = (work: string | undefined): Found => {
  const found = find(work);
  if (found === undefined) {
    throw new Error(`no lab runs${work === undefined ? '' : ` in ${work}`}: start one with \`npm start -- --keep\``);
  }
  return found;
};

export const openShell = (work: string | undefined, command: readonly string[]): Promise<number> =>
  runInLab(running(work).record, command.length > 0 ? command : shellCommand);

/** @throws Error with the names of the nodes where `node` is none */
export const execInNode = (work: string | undefined, node: string, command: readonly string[]): Promise<number> => {
  const { record } = running(work);
  const nodes = record.nodes ?? [];
  const found = nodes.find(({ name, vmName, vmid }) => [name, vmName, String(vmid)].includes(node));
  if (found === undefined) {
    throw new Error(`node "${node}" is not in the spec: there is ${nodes.map(({ name }) => name).join(', ')}`);
  }
  return runInLab(record, nodeCommand(found.vmid, command));
};

export const stopLab = async (work: string | undefined): Promise<number> => {
  const { folder, record } = running(work);
  if (record.inside !== undefined) await stopWorld(record.inside);
  folder.update({ state: 'ended' });
  process.stdout.write(`stopped the lab of ${record.startedAt}; its logs are in ${folder.logs}\n`);
  return 0;
};

export const showStatus = (work: string | undefined, json: boolean): Promise<number> => {
  const folders = work === undefined ? listRuns(RUNS) : [new RunFolder(work)];
  const runs = folders.flatMap((folder) => {
    const record = folder.read();
    if (record === undefined) return [];
    const state = isRunning(record) ? record.state : record.state === 'ended' ? 'ended' : 'killed';
    return [
      { stack: record.stack, state, startedAt: record.startedAt, pid: record.inside?.pid ?? null, logs: folder.logs },
    ];
  });
  if (json) process.stdout.write(`${JSON.stringify({ format: 1, runs }, null, 2)}\n`);
  else if (runs.length === 0) process.stdout.write('no lab has run here\n');
  else
    for (const run of runs) process.stdout.write(`${run.state.padEnd(8)} ${run.startedAt} ${run.stack}  ${run.logs}\n`);
  return Promise.resolve(0);
};
