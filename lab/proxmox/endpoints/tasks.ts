import { type Call, type Endpoint, given } from '../cluster';
import type { TaskState } from '../state';

const SOURCE = 'pve-manager PVE/API2/Tasks.pm';

/** A token sees its own tasks, a user also those of the tokens: $check_task_user, ibid. */
const owns = (user: string, task: TaskState): boolean => user === task.user || user === task.user.split('!')[0];

const find = ({ cluster, node, user, ...call }: Call, privilege: string): TaskState => {
  const task = cluster.tasks.find(node, given({ cluster, node, user, ...call }, 'upid'));
  if (!owns(user, task)) cluster.access.check(user, `/nodes/${node}`, privilege);
  return task;
};

const summary = ({ upid, node, pid, pstart, starttime, type, id, user }: TaskState): Record<string, unknown> => {
  const [owner, tokenid] = user.split('!');
  return { upid, node, pid, pstart, starttime, type, id, user: owner, ...(tokenid === undefined ? {} : { tokenid }) };
};

const status = async (call: Call): Promise<unknown> => {
  const task = find(call, 'Sys.Audit');
  await call.cluster.tasks.settle(task.upid);
  const { exitstatus } = task;
  return {
    ...summary(task),
    ...(exitstatus === undefined ? { status: 'running' } : { status: 'stopped', exitstatus }),
  };
};

/** The first 50 lines, unless the call says otherwise. */
const log = (call: Call): unknown => {
  const { log: lines } = find(call, 'Sys.Audit');
  const from = Number(call.parameters['start'] ?? 0);
  const limit = Number(call.parameters['limit'] ?? 50);
  const numbered = lines.map((line, index) => ({ n: index + 1, t: line }));
  if (numbered.length === 0) return [{ n: 1, t: 'no content' }];
  return numbered.slice(from, limit === 0 ? undefined : from + limit);
};

const stop = (call: Call): null => {
  const { upid } = find(call, 'Sys.Modify');
  call.cluster.tasks.stop(upid);
  return null;
};

/** Finished tasks, newest first, with the filters that a client of this project may use. */
const list = ({ cluster, node, user, parameters }: Call): unknown[] => {
  const { vmid, typefilter, userfilter, limit = '50', start = '0', errors } = parameters;
  const all = cluster.access.may(user, `/nodes/${node}`, 'Sys.Audit');
  return cluster
    .state()
    .tasks.filter((task) => task.node === node && (all || owns(user, task)))
    .filter(
      ({ exitstatus }) =>
        exitstatus !== undefined || parameters['source'] === 'active' || parameters['source'] === 'all',
    )
    .filter(
      (task) => (vmid === undefined || task.id === vmid) && (typefilter === undefined || task.type === typefilter),
    )
    .filter(
      (task) =>
        (userfilter === undefined || task.user.includes(userfilter)) && (errors !== '1' || task.exitstatus !== 'OK'),
    )
    .reverse()
    .slice(Number(start), Number(start) + Number(limit))
    .map((task) => ({
      ...summary(task),
      ...(task.endtime === undefined ? {} : { endtime: task.endtime }),
      ...(task.exitstatus === undefined ? {} : { status: task.exitstatus }),
    }));
};

export const TASKS: readonly Endpoint[] = [
  { method: 'GET', path: '/nodes/{node}/tasks', effect: list, source: `${SOURCE}, node_tasks` },
  { method: 'GET', path: '/nodes/{node}/tasks/{upid}/status', effect: status, source: `${SOURCE}, read_task_status` },
  { method: 'GET', path: '/nodes/{node}/tasks/{upid}/log', effect: log, source: `${SOURCE}, read_task_log` },
  { method: 'DELETE', path: '/nodes/{node}/tasks/{upid}', effect: stop, source: `${SOURCE}, stop_task` },
];
