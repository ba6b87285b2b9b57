import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordedRequest } from '../../../lab/proxmox/requests';

/** One call of the real provider. A UPID is written as `<upid n>`: the nth task of its scenario. */
export interface Recording {
  readonly method: string;
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** User or token that it was sent by. */
  readonly user: string | null;
  readonly status: number;
  readonly reason: string;
}

const UPID = /UPID:[^:]+:[0-9A-F]+:[0-9A-F]+:[0-9A-F]+:[^:]+:[^:]*:[^:]+:/;

/** Pid of a task counts up from this one. */
const FIRST_PID = 1000;

const placeholder = (text: string): string =>
  text.replace(UPID, (upid) => `<upid ${parseInt(upid.split(':')[2] ?? '', 16) - FIRST_PID}>`);

/** Puts the UPID of the nth task back. */
export const fillIn = (text: string, upids: readonly string[]): string =>
  text.replace(/<upid (\d+)>/, (_, n: string) => upids[Number(n) - 1] ?? `<upid ${n}>`);

/** Polls of one running task are one recording: how many there are is chance. */
export const recordingOf = (requests: readonly RecordedRequest[]): Recording[] =>
  requests
    .map(({ method, path, parameters, user, status, reason }) => ({
      ...{ method, path: placeholder(path), parameters: parameters as Readonly<Record<string, string>> },
      ...{ user: user ?? null, status, reason },
    }))
    .filter((entry, index, all) => JSON.stringify(entry) !== JSON.stringify(all[index - 1]));

const FOLDER = join(__dirname, 'recorded', 'bpg-0.111.1');

export interface Recorded {
  /** As `talos-create`. */
  readonly name: string;
  readonly calls: readonly Recording[];
}

/** The steps of a scenario in the order given. */
export const recorded = (scenario: string, ...steps: readonly string[]): readonly Recorded[] =>
  steps.map((step) => ({
    name: `${scenario}-${step}`,
    calls: JSON.parse(readFileSync(join(FOLDER, `${scenario}-${step}.json`), 'utf8')) as Recording[],
  }));

export const recordedNames = (): string[] =>
  readdirSync(FOLDER)
    .map((file) => file.replace(/\.json$/, ''))
    .sort();
