import type { NodeRole } from '../cluster-plan';
import { nodePath } from './feature-rules';
import { andMore, countPath, countRole, groupBy, type Rule } from './rule';

/** Members that etcd may lose: it works while more than half are left. */
const tolerated = (members: number): number => Math.ceil(members / 2) - 1;
const MOST_CONTROL_PLANES = 9;
const MOST_WORKERS = 1000;
/** From there on more members cost more than they give. Source: etcd.io, FAQ, "What is maximum cluster size?". */
const SENSIBLE_CONTROL_PLANES = 7;

const controlPlaneCount: Rule = {
  code: 'control-plane-count',
  severity: 'error',
  *find(plan) {
    const count = countRole(plan, 'controlplane');
    if (count >= 1 && count <= MOST_CONTROL_PLANES) return;
    yield {
      path: countPath(plan, 'controlplane'),
      message: `there are ${count} control planes; 1 to ${MOST_CONTROL_PLANES} are allowed`,
      fix: 'use 3, or 1 where the cluster may be lost with it',
    };
  },
};

const evenControlPlanes: Rule = {
  code: 'even-control-planes',
  severity: 'warning',
  *find(plan) {
    const count = countRole(plan, 'controlplane');
    if (count === 0 || count > MOST_CONTROL_PLANES || count % 2 === 1) return;
    const losses = tolerated(count);
    yield {
      path: countPath(plan, 'controlplane'),
      message: `control plane count is ${count}: etcd survives the loss of ${losses} member${losses === 1 ? '' : 's'}, as with ${count - 1}`,
      fix: `use ${count - 1} or ${count + 1}`,
    };
  },
};

const manyControlPlanes: Rule = {
  code: 'many-control-planes',
  severity: 'warning',
  *find(plan) {
    const count = countRole(plan, 'controlplane');
    if (count <= SENSIBLE_CONTROL_PLANES || count > MOST_CONTROL_PLANES) return;
    yield {
      path: countPath(plan, 'controlplane'),
      message: `control plane count is ${count}: each write waits for ${count - tolerated(count)} members of etcd, and ${SENSIBLE_CONTROL_PLANES} survive the loss of ${tolerated(SENSIBLE_CONTROL_PLANES)} already`,
      fix: `use ${SENSIBLE_CONTROL_PLANES} or fewer`,
    };
  },
};

const workerCount: Rule = {
  code: 'worker-count',
  severity: 'error',
  *find(plan) {
    const count = countRole(plan, 'worker');
    if (count <= MOST_WORKERS) return;
    yield {
      path: countPath(plan, 'worker'),
      message: `there are ${count} workers; 0 to ${MOST_WORKERS} are allowed`,
      fix: 'make two clusters of it',
    };
  },
};

const poolTooSmall: Rule = {
  code: 'pool-too-small',
  severity: 'error',
  *find({ nodePools }) {
    for (const { name, count, firstAddress, lastAddress } of nodePools) {
      const room = lastAddress === undefined ? Infinity : Math.max(0, lastAddress.value - firstAddress.value + 1);
      if (count <= room) continue;
      yield {
        path: `nodePools.${name}.count`,
        message: `pool ${name} has ${count} nodes, and ${room} fit from ${firstAddress.toString()} to ${lastAddress?.toString() ?? ''}`,
        fix: `use ${room} or fewer, or a last address of ${firstAddress.plus(count - 1).toString()} or higher`,
      };
    }
  },
};

/** Source: docs.siderolabs.com, Talos 1.13, "System requirements". */
const LEAST: Readonly<Record<NodeRole, { cores: number; memoryMiB: number; diskGiB: number }>> = {
  controlplane: { cores: 2, memoryMiB: 2048, diskGiB: 10 },
  worker: { cores: 1, memoryMiB: 1024, diskGiB: 10 },
};

const vmTooSmall: Rule = {
  code: 'vm-too-small',
  severity: 'error',
  *find({ nodes }) {
    for (const [node] of groupBy(nodes, (one) => nodePath(one, 'size'))) {
      const { role, size } = node;
      for (const field of ['cores', 'memoryMiB', 'diskGiB'] as const) {
        const least = LEAST[role][field];
        if (size[field] >= least) continue;
        yield {
          path: `${nodePath(node, 'size')}.${field}`,
          message: `is ${size[field]}; Talos needs ${least} for a ${role === 'worker' ? 'worker' : 'control plane'}`,
          fix: `use ${least} or more`,
        };
      }
    }
  },
};

const duplicateName: Rule = {
  code: 'duplicate-name',
  severity: 'error',
  *find({ nodes }) {
    for (const [first, second] of groupBy(nodes, ({ name }) => name)) {
      if (second === undefined) continue;
      yield {
        path: `nodePools.${second.pool}`,
        message: `name ${first.name} is held by node ${first.index} of pool ${first.pool} and node ${second.index} of pool ${second.pool}`,
        fix: `rename pool ${second.pool}, best to a name that does not end in a digit`,
      };
    }
  },
};

const duplicateVmId: Rule = {
  code: 'duplicate-vm-id',
  severity: 'error',
  *find({ nodes }) {
    const clashes = groupBy(nodes, ({ vmId }) => String(vmId)).flatMap(([first, ...rest]) =>
      rest.map((second) => ({ first, second })),
    );
    for (const [{ first, second }, ...others] of groupBy(
      clashes,
      (clash) => `${clash.first.pool} ${clash.second.pool}`,
    )) {
      yield {
        path: nodePath(second, 'vmId', 'firstVmId'),
        message: `VM id ${first.vmId} is held by node ${first.name} and node ${second.name}${andMore(others.length)}`,
        fix: `begin the VM ids of pool ${second.pool} elsewhere`,
      };
    }
  },
};

export const NODE_RULES: readonly Rule[] = [
  controlPlaneCount,
  evenControlPlanes,
  manyControlPlanes,
  workerCount,
  poolTooSmall,
  vmTooSmall,
  duplicateName,
  duplicateVmId,
];
