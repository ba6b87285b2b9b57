// eslint-disable-next-line @typescript-eslint/no-require-imports -- an ES import is a view that can't be assigned to
import stackTrace = require('cdktf/lib/tokens/private/stack-trace');

/**
 * cdktf captures a stack trace for every token, for hints in errors of unresolved tokens: 45 % of a synth's time, and no
 * setting turns it off. Without them the synthesized JSON is the same, byte for byte.
 */
export const quietStackTraces = (): void => {
  stackTrace.captureStackTrace = () => [];
};
