import type { NodeService } from '../control-plane/node-services';

type State = NodeService['state'];

/** A service that the machine's own process plays: `machined`, `apid`, `trustd` and the like. */
class OwnService {
  private readonly events: { readonly message: string; readonly state: string; readonly at: Date }[] = [];
  private state: State = 'Initialized';
  private healthy = false;

  constructor(private readonly id: string) {}

  to(state: State, message: string, at: Date): void {
    this.state = state;
    this.healthy = state === 'Running';
    this.events.push({ message, state, at });
  }
  get view(): NodeService {
    return {
      id: this.id,
      state: this.state,
      health: { unknown: false, healthy: this.healthy, message: '' },
      events: this.events,
    };
  }
}

/** The services of the machine itself, beside those of its node. */
export class OwnServices {
  private readonly services = new Map<string, OwnService>();
  constructor(private readonly now: () => number) {}

  private at(id: string): OwnService {
    const known = this.services.get(id);
    if (known !== undefined) return known;
    const service = new OwnService(id);
    this.services.set(id, service);
    return service;
  }
  running(id: string): void {
    this.at(id).to('Running', `Started task ${id} (PID ${process.pid}) for container ${id}`, new Date(this.now()));
  }
  waiting(id: string, reason: string): void {
    this.at(id).to('Waiting', `Waiting for ${reason}`, new Date(this.now()));
  }
  /** All of them and those of the node, by id; where both know one, the machine's own view counts. */
  with(ofNode: readonly NodeService[]): readonly NodeService[] {
    const all = new Map(ofNode.map((service) => [service.id, service]));
    for (const [id, service] of this.services) all.set(id, service.view);
    return [...all.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }
}
