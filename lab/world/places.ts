import { join } from 'node:path';

/** In memory: a tmpfs in the lab's own mount namespace, so nothing of it outlives the lab. */
export const WORK_FOLDER = '/run/groundwork';

const at = (...parts: readonly string[]): string => join(WORK_FOLDER, ...parts);

/** Every path inside a running lab. All are gone with it. */
export const PLACES = {
  /** Certificate of the lab's CA. */
  certificate: at('ca.pem'),
  hosts: at('hosts'),
  resolver: at('resolv.conf'),
  /** kubectl, terraform and the like, first on the PATH. */
  programs: at('bin'),
  home: at('home'),
  temporary: at('tmp'),
  /** Terraform state of the rehearsal. */
  state: at('state'),
  /** What cdktf writes in place of `cdktf.out` in the checkout. */
  output: at('cdktf.out'),
  /** The synth from which the site was read. */
  synth: at('synth'),
  kubeconfig: at('kubeconfig'),
  talosconfig: at('talosconfig'),
  /** Disks of the virtual machines, one folder each, and images. */
  storages: at('storages'),
  /** The program that plays a machine. */
  machineProgram: at('machine.js'),
  /** What the hypervisor keeps of each VM. */
  machines: at('machines'),
  /** Settings that every machine process reads (GROUNDWORK_LAB). */
  settings: at('lab.json'),
  shellStart: at('bashrc'),
} as const;

/** Folders that exist before anything starts. */
export const FOLDERS = [
  PLACES.programs,
  PLACES.home,
  PLACES.temporary,
  PLACES.state,
  PLACES.storages,
  PLACES.machines,
] as const;
