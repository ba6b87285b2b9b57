import type { NodeService } from '../control-plane/node-services';
import type { MachineEvents } from './machine-events';

/** Stages of a machine's life, in the order of their numbers. Source: machine.MachineStatusEvent.MachineStage. */
const STAGES = [
  'UNKNOWN',
  'BOOTING',
  'INSTALLING',
  'MAINTENANCE',
  'RUNNING',
  'REBOOTING',
  'SHUTTING_DOWN',
  'RESETTING',
  'UPGRADING',
] as const;
export type Stage = (typeof STAGES)[number];

export interface UnmetCondition {
  readonly name: string;
  readonly reason: string;
}

/** Stage and readiness, as the MachineStatus resource has them. */
export class MachineStatus {
  private current: Stage = 'UNKNOWN';
  private conditions: readonly UnmetCondition[] = [];
  private count = 1;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly events: MachineEvents) {}

  get stage(): Stage {
    return this.current;
  }
  get stageNumber(): number {
    return STAGES.indexOf(this.current);
  }
  get unmet(): readonly UnmetCondition[] {
    return this.conditions;
  }
  /** Goes up with every change. */
  get version(): number {
    return this.count;
  }

  set(stage: Stage, unmet: readonly UnmetCondition[] = []): void {
    if (stage === this.current && JSON.stringify(unmet) === JSON.stringify(this.conditions)) return;
    this.current = stage;
    this.conditions = unmet;
    this.count += 1;
    this.events.publish('MachineStatusEvent', {
      stage,
      status: { ready: unmet.length === 0, unmet_conditions: unmet },
    });
    for (const listener of this.listeners) listener();
  }

  /** Returns how to stop. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

/** Up as Talos' boot sequence waits for it: running, and healthy by its own check (system/service_runner.go, StateEventUp). */
export const isUp = ({ state, health }: NodeService): boolean => state === 'Running' && health.healthy;

/** What stands between these services and a machine that is ready. Source: controllers/runtime/machine_status.go, servicesCheck. */
export const unmetByServices = (
  services: readonly NodeService[],
  role: 'controlplane' | 'worker',
): readonly UnmetCondition[] => {
  const required = ['apid', 'machined', 'kubelet', ...(role === 'controlplane' ? ['etcd', 'trustd'] : [])];
  const problems = services.flatMap(({ id, state, health }) => {
    if (state === 'Finished' || state === 'Skipped') return [];
    if (state !== 'Running') return [`${id} not running`];
    return health.unknown || health.healthy ? [] : [`${id} not healthy`];
  });
  for (const id of required) if (!services.some((service) => service.id === id)) problems.push(`${id} not running`);
  return problems.length === 0 ? [] : [{ name: 'services', reason: problems.join(', ') }];
};
