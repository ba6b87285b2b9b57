import type { Surroundings } from '../../operations/command';

/** A terminal in memory: no colours, and what was written. */
export const inMemory = (
  environment: Surroundings['environment'] = {},
): { readonly surroundings: Surroundings; readonly out: () => string; readonly err: () => string } => {
  const written = { out: '', err: '' };
  return {
    surroundings: {
      environment,
      colours: false,
      out: (text) => void (written.out += text),
      err: (text) => void (written.err += text),
    },
    out: () => written.out,
    err: () => written.err,
  };
};
