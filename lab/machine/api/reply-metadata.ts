import { ApiError } from './api-error';
import { definitions } from './definitions';

const METADATA_FIELD = 0x0a; // field 1, length-delimited: `messages` of a reply, `metadata` of a message

const varint = (value: number): Buffer => {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 0x7f) | 0x80);
  }
};

const readVarint = (bytes: Buffer, start: number): { readonly value: number; readonly end: number } => {
  let value = 0;
  for (let at = start, shift = 0; at < bytes.length; at += 1, shift += 7) {
    const byte = bytes[at] ?? 0;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return { value, end: at + 1 };
  }
  throw new ApiError('INTERNAL', 'unexpected EOF');
};

/**
 * A reply that says which node it is from, as apid does it on the bytes: every reply is a list of messages in field 1,
 * every message has `common.Metadata` as its field 1, and lists of protobuf join by laying their bytes end to end.
 * Source: internal/app/apid/pkg/backend/apid.go, AppendInfo.
 */
export const withHostname = (reply: Buffer, hostname: string, streamed: boolean): Buffer => {
  const metadata = definitions().encode('common.Empty', { metadata: { hostname } });
  if (streamed) return Buffer.concat([reply, metadata]);
  if (reply[0] !== METADATA_FIELD) throw new ApiError('INTERNAL', `unexpected message format: ${reply[0] ?? 'none'}`);
  const { end } = readVarint(reply, 1);
  const message = reply.subarray(end);
  return Buffer.concat([Buffer.from([METADATA_FIELD]), varint(message.length + metadata.length), message, metadata]);
};

/** What stands in a merged reply for a node that failed. Source: as above, BuildError. */
export const failureOf = (fault: ApiError, hostname: string, streamed: boolean): Buffer => {
  const message = { metadata: { hostname, error: fault.text, status: { code: fault.number, message: fault.message } } };
  return streamed
    ? definitions().encode('common.Empty', message)
    : definitions().encode('common.EmptyResponse', { messages: [message] });
};
