/** What a factory can be told to do wrong. Each fault is used up after `times` answers; the oldest that fits comes first. */
export type FactoryFault = {
  /** Requests that it is for, by path. Default: all. */
  readonly path?: RegExp;
  readonly times: number;
} & (
  | { readonly kind: 'status'; /** Default 500, with the factory's own text. */ readonly status?: number }
  | { readonly kind: 'slow'; /** Before the answer begins. */ readonly ms: number }
  /** A whole Content-Length, half of the bytes, and a closed connection. */
  | { readonly kind: 'truncated' }
);

/** The faults that are still to come. */
export class FaultQueue {
  private readonly queue: { readonly fault: FactoryFault; left: number }[] = [];

  add(fault: FactoryFault): void {
    this.queue.push({ fault, left: fault.times });
  }

  /** The next fault for a request, used up by this call. `images` is false where there is nothing to truncate. */
  take(path: string, images: boolean): FactoryFault | undefined {
    const found = this.queue.find(
      ({ fault, left }) => left > 0 && (fault.path?.test(path) ?? true) && (images || fault.kind !== 'truncated'),
    );
    if (found !== undefined) found.left -= 1;
    return found?.fault;
  }
}
