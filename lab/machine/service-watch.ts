import type { Machine } from './machine';
import { isUp, unmetByServices } from './machine-status';

const POLL_MS = 250;

/**
 * Asks the services of a configured machine how they are, tells of their changes, and ends the boot once all of them
 * were up, as Talos' task startAllServices does. Returns how to stop.
 */
export const watchServices = (machine: Machine): (() => void) => {
  const known = new Map<string, string>();
  const look = (): void => {
    const { config, events, status, power } = machine;
    if (power.isEnding || config === undefined) return;
    const services = machine.serviceList();
    for (const { id, state, health, events: past } of services) {
      const key = `${state} ${String(health.healthy)}`;
      if (known.get(id) === key) continue;
      known.set(id, key);
      const { unknown, healthy, message: last_message } = health;
      const message = past.at(-1)?.message ?? '';
      const event = { service: id, action: state.toUpperCase(), message, health: { unknown, healthy, last_message } };
      events.publish('ServiceStateEvent', event);
    }
    const unmet = unmetByServices(services, config.type);
    const ended = services.every((service) => isUp(service) || ['Finished', 'Skipped'].includes(service.state));
    if (unmet.length === 0 && ended && status.stage === 'BOOTING') {
      events.publish('SequenceEvent', { sequence: 'boot', action: 'STOP' });
      machine.input.log('machine is running and ready');
      status.set('RUNNING');
    } else status.set(status.stage === 'RUNNING' ? 'RUNNING' : 'BOOTING', unmet);
  };
  const timer = setInterval(look, POLL_MS).unref();
  return () => clearInterval(timer);
};
