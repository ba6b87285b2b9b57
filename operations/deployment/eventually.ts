import { setTimeout as sleep } from 'node:timers/promises';

/** What a look has seen: the thing itself, or how far it is. */
export type Seen<T> = { readonly found: T } | { readonly yet: string };

export interface Patience {
  readonly limitMs: number;
  /** @default 1000 */
  readonly pollMs?: number;
}

/** What was waited for did not come. */
export class Impatience extends Error {
  override readonly name = 'Impatience';
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * Looks again and again until there is what is looked for. A look that fails has not seen it yet: while a control plane
 * restarts, an API may answer nothing.
 * @throws Impatience with what was seen last
 */
export const eventually = async <T>(what: string, patience: Patience, look: () => Promise<Seen<T>>): Promise<T> => {
  const { limitMs, pollMs = 1_000 } = patience;
  const end = performance.now() + limitMs;
  for (;;) {
    const seen = await look().catch((error: unknown): Seen<T> => ({ yet: wordsOf(error) }));
    if ('found' in seen) return seen.found;
    if (performance.now() > end) throw new Impatience(`${what}: not so within ${limitMs / 1000} s; ${seen.yet}`);
    await sleep(pollMs);
  }
};
