/** gRPC status codes by name, of those that a machine answers. Source: google/rpc/code.proto. */
export const CODES = {
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;

export type Code = keyof typeof CODES;

/** An answer that is an error, in Talos' own words. */
export class ApiError extends Error {
  readonly number: number;
  constructor(code: Code | number, message: string) {
    super(message);
    this.number = typeof code === 'number' ? code : CODES[code];
  }

  /** The code by name, as grpc-go writes it: `PermissionDenied`. */
  get codeName(): string {
    const upper = Object.entries(CODES).find(([, number]) => number === this.number)?.[0] ?? 'UNKNOWN';
    const words = upper.toLowerCase().split('_');
    return upper === 'CANCELLED'
      ? 'Canceled'
      : words.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`).join('');
  }
  /** As grpc-js takes it for an answer. */
  get status(): { readonly code: number; readonly details: string } {
    return { code: this.number, details: this.message };
  }
  /** As grpc-go prints a status error: what stands in `metadata.error` of a node that failed. */
  get text(): string {
    return `rpc error: code = ${this.codeName} desc = ${this.message}`;
  }

  /** Any thrown value as an answer: Go code that returns a plain error answers UNKNOWN. */
  static from(fault: unknown): ApiError {
    if (fault instanceof ApiError) return fault;
    if (!(fault instanceof Error)) return new ApiError('UNKNOWN', String(fault));
    const { code, details } = fault as { readonly code?: unknown; readonly details?: unknown };
    if (typeof code === 'number') return new ApiError(code, typeof details === 'string' ? details : fault.message);
    return new ApiError(typeof code === 'string' && code in CODES ? (code as Code) : 'UNKNOWN', fault.message);
  }
}

export const NOT_AUTHORIZED = 'not authorized';
