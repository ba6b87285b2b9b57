import type { AgentInterface, Hypervisor, VirtualHardware } from '../../../lab/hardware/hypervisor';

/** Machines that run in memory only: what was started, and levers for a test. */
export interface FakeHypervisor extends Hypervisor {
  /** What each VM was last started with. */
  readonly started: ReadonlyMap<number, VirtualHardware>;
  /** The machine switches itself off. */
  powerOff(vmid: number): void;
  /** False: a shutdown is not answered. @default true */
  obeys: boolean;
  /** Agent answers by VM; none: the agent does not run. */
  readonly agents: Map<number, readonly AgentInterface[]>;
  /** The next start ends with this text. */
  failNextStart: string | undefined;
}

export const fakeHypervisor = (): FakeHypervisor => {
  const running = new Set<number>();
  const started = new Map<number, VirtualHardware>();
  const listeners: ((vmid: number) => void)[] = [];
  const fake: FakeHypervisor = {
    started,
    agents: new Map(),
    obeys: true,
    failNextStart: undefined,
    start: (hardware) => {
      const text = fake.failNextStart;
      fake.failNextStart = undefined;
      if (text !== undefined) return Promise.reject(new Error(text));
      running.add(hardware.vmid);
      started.set(hardware.vmid, hardware);
      return Promise.resolve();
    },
    stop: (vmid) => {
      running.delete(vmid);
      return Promise.resolve();
    },
    shutdown: (vmid) => {
      if (fake.obeys) running.delete(vmid);
      return Promise.resolve(fake.obeys);
    },
    isRunning: (vmid) => running.has(vmid),
    uptime: (vmid) => (running.has(vmid) ? 7 : 0),
    agentInterfaces: (vmid) => {
      const answer = fake.agents.get(vmid);
      return answer === undefined
        ? Promise.reject(new Error('QEMU guest agent is not running'))
        : Promise.resolve(answer);
    },
    onPowerOff: (listener) => listeners.push(listener),
    powerOff: (vmid) => {
      running.delete(vmid);
      for (const listener of listeners) listener(vmid);
    },
  };
  return fake;
};
