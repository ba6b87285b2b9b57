import { readFileSync } from 'node:fs';
import { durationsOf, type Durations } from '../durations/durations';

/** What every machine of a lab is told, by the JSON file that GROUNDWORK_LAB names. */
export interface LabSettings {
  readonly durations: Durations;
  /** Discovery service of machine configs that name none, as `https://discovery.talos.dev`. */
  readonly discoveryUrl: string;
  /** PEM file of the lab's CA; undefined: only what Node trusts. */
  readonly caFile: string | undefined;
  /** True: the guest agent answers in maintenance too. Reports of real machines differ. */
  readonly agentInMaintenance: boolean;
}

interface SettingsFile {
  readonly profile?: string;
  readonly discoveryUrl?: string;
  readonly caFile?: string;
  readonly agentInMaintenance?: boolean;
}

/** @throws Error where the file can't be read, is no JSON, or names an unknown profile */
export const readLabSettings = (path: string): LabSettings => {
  const {
    profile = 'instant',
    discoveryUrl = 'https://discovery.talos.dev',
    caFile,
    agentInMaintenance = true,
  } = JSON.parse(readFileSync(path, 'utf8')) as SettingsFile;
  return {
    durations: durationsOf(profile),
    discoveryUrl: discoveryUrl.replace(/\/+$/, ''),
    caFile,
    agentInMaintenance,
  };
};
