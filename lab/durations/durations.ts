/** What takes time on real hardware and no time in a simulator, unless a profile says so. */
export type Step =
  | 'image-build'
  | 'image-download'
  | 'vm-create'
  | 'vm-start'
  | 'vm-stop'
  | 'vm-destroy'
  | 'disk-import'
  | 'disk-resize'
  | 'vm-boot'
  | 'image-pull';

export interface Duration {
  /** Milliseconds for one such step. */
  readonly ms: number;
  /** Where the figure is from; `assumed:` where nobody has published one. */
  readonly source: string;
}

export type Durations = Readonly<Record<Step, Duration>>;

const NONE: Duration = { ms: 0, source: 'a simulator does it at once' };

/**
 * The named profiles. `instant` is for tests: only what the real programs need. `typical` is one host with an
 * SSD and a 100 Mbit/s line, for benchmarks that are to be compared with hardware.
 */
export const PROFILES = {
  instant: {
    'image-build': NONE,
    'image-download': NONE,
    'vm-create': NONE,
    'vm-start': NONE,
    'vm-stop': NONE,
    'vm-destroy': NONE,
    'disk-import': NONE,
    'disk-resize': NONE,
    'vm-boot': NONE,
    'image-pull': NONE,
  },
  typical: {
    'image-build': {
      ms: 30_000,
      source: 'assumed: siderolabs/image-factory#456 tells of pulls that time out while an image is built',
    },
    'image-download': {
      ms: 16_000,
      source: 'vdupain/terraform-proxmox-talos-k8s-cluster#7: nocloud image complete after 16 s',
    },
    'vm-create': {
      ms: 2_000,
      source:
        'assumed: vdupain/terraform-proxmox-talos-k8s-cluster#7 has create, import and start together at over 20 s',
    },
    'vm-start': {
      ms: 3_000,
      source: 'assumed: siderolabs/terraform-provider-talos#156 has clone and start together at 11 s',
    },
    'vm-stop': { ms: 1_000, source: 'assumed: a stop is a SIGKILL and its clean-up' },
    'vm-destroy': { ms: 2_000, source: 'assumed: removes one 40 GiB volume' },
    'disk-import': {
      ms: 8_000,
      source: 'siderolabs/terraform-provider-talos#156: clone and start of a Talos VM complete after 11 s',
    },
    'disk-resize': { ms: 500, source: 'assumed: grows metadata only' },
    'vm-boot': {
      ms: 25_000,
      source: 'assumed: OVMF, kernel and the first services; siderolabs/talos#9210 calls minutes a fault',
    },
    'image-pull': { ms: 19_000, source: 'kubernetes/kubernetes#91560: 19 s from Pulling to Pulled for fedora:32' },
  },
} as const satisfies Record<string, Durations>;

export type ProfileName = keyof typeof PROFILES;

const isProfileName = (name: string): name is ProfileName => Object.hasOwn(PROFILES, name);

/** @throws Error where there is no profile of that name */
export const durationsOf = (name: string): Durations => {
  if (isProfileName(name)) return PROFILES[name];
  throw new Error(`profile "${name}" is unknown: use ${Object.keys(PROFILES).join(' or ')}`);
};
