import type { Endpoint } from '../cluster';
import { ACCESS } from './access';
import { CLUSTER } from './cluster';
import { HA } from './ha';
import { NODES } from './nodes';
import { POOLS } from './pools';
import { QEMU } from './qemu';
import { STORAGE } from './storage';
import { TASKS } from './tasks';

/** Everything that is answered; all else is `not implemented`, as Proxmox says it. */
export const ENDPOINTS: readonly Endpoint[] = [
  ...ACCESS,
  ...CLUSTER,
  ...NODES,
  ...STORAGE,
  ...QEMU,
  ...TASKS,
  ...POOLS,
  ...HA,
];
