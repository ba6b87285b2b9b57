import type { Machine } from '../machine';
import { lifeMethods } from './life-methods';
import type { Handlers } from './local-backend';
import { machineMethods, oldMaintenanceMethods } from './machine-methods';
import { nodeMethods } from './node-methods';
import { resourceMethods } from './resource-methods';

/** Everything that a machine answers: by apid, and by the little server of maintenance mode up to 1.12. */
export const allMethods = (machine: Machine): { readonly apid: Handlers; readonly oldMaintenance: Handlers } => ({
  apid: new Map([
    ...machineMethods(machine),
    ...nodeMethods(machine),
    ...lifeMethods(machine),
    ...resourceMethods(machine),
  ]),
  oldMaintenance: new Map([...oldMaintenanceMethods(machine), ...resourceMethods(machine)]),
});
