import type { NodeService } from './node-services';

const KEPT_EVENTS = 100;

/** State, health and events of one service, as Talos' ServiceList shows them. */
export class ServiceState {
  private state: NodeService['state'] = 'Initialized';
  private health: NodeService['health'] = { unknown: true, healthy: false, message: '' };
  private readonly events: { message: string; state: string; at: Date }[] = [];

  constructor(
    readonly id: string,
    private readonly now: () => Date = () => new Date(),
  ) {}

  enter(state: NodeService['state'], message: string): void {
    this.state = state;
    if (state !== 'Running') this.health = { unknown: true, healthy: false, message: '' };
    this.record(message);
  }

  /** Only a change of health is an event, as in Talos. */
  setHealth(healthy: boolean, message: string): void {
    const changed = this.health.unknown || this.health.healthy !== healthy;
    this.health = { unknown: false, healthy, message };
    if (changed) this.record(healthy ? 'Health check successful' : `Health check failed: ${message}`);
  }

  get isHealthy(): boolean {
    return this.health.healthy;
  }

  /** Adds an event without a change of state. */
  record(message: string): void {
    if (this.events.at(-1)?.message === message) return;
    this.events.push({ message, state: this.state, at: this.now() });
    if (this.events.length > KEPT_EVENTS) this.events.shift();
  }

  snapshot(): NodeService {
    return { id: this.id, state: this.state, health: this.health, events: [...this.events] };
  }
}
