import { randomBytes } from 'node:crypto';
import { definitions } from './api/definitions';

/** An event as `machine.Event` carries it. */
export interface MachineEvent {
  readonly data: { readonly type_url: string; readonly value: Buffer };
  /** 20 characters that sort by time. */
  readonly id: string;
  /** Of the request that caused it; empty where none did. */
  readonly actor_id: string;
}

export interface EventSelection {
  /** How many of the past come first; -1: all that are kept. */
  readonly tail: number;
  /** Only what came after this event; empty: from anywhere. */
  readonly afterId: string;
  /** Only what came in the last so many seconds; 0: at any time. */
  readonly tailSeconds: number;
  /** Only what this request caused; empty: all. */
  readonly actorId: string;
}

type EventName = 'SequenceEvent' | 'PhaseEvent' | 'TaskEvent' | 'ServiceStateEvent' | 'MachineStatusEvent';

/** Talos keeps as many (internal/app/machined/pkg/runtime/v1alpha1/v1alpha1_events.go is made with a cap of 1000). */
const KEPT = 1000;
const BASE32_HEX = '0123456789abcdefghijklmnopqrstuv';
const PROCESS = randomBytes(5);

/** Ids as Talos makes them (github.com/rs/xid): seconds, process, counter, in 20 characters of base 32. */
const xid = (now: number, counter: number): string => {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32BE(Math.floor(now / 1000), 0);
  PROCESS.copy(bytes, 4);
  bytes.writeUIntBE(counter % 0x1000000, 9, 3);
  const bits = [...bytes]
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('')
    .padEnd(100, '0');
  return (bits.match(/.{5}/g) ?? []).map((five) => BASE32_HEX.charAt(parseInt(five, 2))).join('');
};

/** What has happened on the machine, and who is told of it. */
export class MachineEvents {
  private readonly kept: { readonly event: MachineEvent; readonly at: number }[] = [];
  private readonly listeners = new Set<(event: MachineEvent) => void>();
  private counter = 0;

  constructor(private readonly now: () => number) {}

  private make(data: MachineEvent['data'], actorId: string): MachineEvent {
    this.counter += 1;
    return { data, id: xid(this.now(), this.counter), actor_id: actorId };
  }

  /** The first event of every stream: it tells nothing but that the stream is there. */
  hello(actorId: string): MachineEvent {
    return this.make({ type_url: '', value: Buffer.alloc(0) }, actorId);
  }

  publish(name: EventName, payload: object, actorId = ''): void {
    const event = this.make(
      { type_url: `talos/runtime/machine.${name}`, value: definitions().encode(`machine.${name}`, payload) },
      actorId,
    );
    this.kept.push({ event, at: this.now() });
    if (this.kept.length > KEPT) this.kept.shift();
    for (const listener of this.listeners) listener(event);
  }

  /** Calls `listener` with what is asked of the past, then with all that comes. Returns how to stop. */
  watch({ tail, afterId, tailSeconds, actorId }: EventSelection, listener: (event: MachineEvent) => void): () => void {
    const wanted = ({ actor_id }: MachineEvent): boolean => actorId === '' || actor_id === actorId;
    const asked = tail !== 0 || afterId !== '' || tailSeconds !== 0;
    const past = this.kept
      .filter(({ event, at }) => event.id > afterId && (tailSeconds === 0 || at >= this.now() - tailSeconds * 1000))
      .map(({ event }) => event);
    for (const event of asked ? (tail > 0 ? past.slice(-tail) : past) : []) if (wanted(event)) listener(event);
    const live = (event: MachineEvent): void => {
      if (wanted(event)) listener(event);
    };
    this.listeners.add(live);
    return () => this.listeners.delete(live);
  }
}
