import type { Deadline, Metadata } from '@grpc/grpc-js';
import type { Role } from './roles';

/** One call as it came in, its messages still bytes: what is passed on is passed on unread. */
export interface Call {
  /** As `/machine.MachineService/Version`. */
  readonly path: string;
  readonly metadata: Metadata;
  /** The caller's, or those that a caller with `os:impersonator` speaks for. */
  readonly roles: ReadonlySet<Role>;
  /** Authority that the caller has used, as `10.0.1.1:50000`. */
  readonly host: string;
  readonly deadline: Deadline;
  /** Aborted when the caller goes away, or the machine does. */
  readonly signal: AbortSignal;
}

export type Send = (reply: Buffer) => Promise<void>;

/** Who answers calls: this machine, or another that they are passed on to. Every method rejects with an ApiError. */
export interface Backend {
  unary(call: Call, request: Buffer): Promise<Buffer>;
  stream(call: Call, request: Buffer, send: Send): Promise<void>;
  upload(call: Call, requests: AsyncIterable<Buffer>): Promise<Buffer>;
}
