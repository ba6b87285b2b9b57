/** Kubernetes minors, both included; no newest where its makers name none. */
interface KubernetesMinors {
  readonly oldest: string;
  readonly newest?: string;
}

/** `1.35` of `1.35.0`, as a number that compares: 1035. */
const minorOf = (version: string): number => {
  const [major = '0', minor = '0'] = version.split('.');
  return Number(major) * 1000 + Number(minor);
};

/** What a product says of the Kubernetes versions that it works with. */
export class Compatibility {
  constructor(private readonly minors: Readonly<Record<string, KubernetesMinors>>) {}

  /** False: nothing is known here of that version. */
  lists(version: string): boolean {
    return this.of(version) !== undefined;
  }

  /** False where the version is not listed, too: ask `lists` first. */
  supportsKubernetes(version: string, kubernetes: string): boolean {
    const known = this.of(version);
    if (known === undefined) return false;
    const minor = minorOf(kubernetes);
    return minor >= minorOf(known.oldest) && (known.newest === undefined || minor <= minorOf(known.newest));
  }

  /** `1.31 to 1.36`, or `1.33 or newer`. */
  kubernetesRange(version: string): string {
    const known = this.of(version);
    if (known === undefined) return 'unknown';
    return known.newest === undefined ? `${known.oldest} or newer` : `${known.oldest} to ${known.newest}`;
  }

  /** `1.12, 1.13` */
  get listed(): string {
    return Object.keys(this.minors).join(', ');
  }

  private of(version: string): KubernetesMinors | undefined {
    return this.minors[version.split('.').slice(0, 2).join('.')];
  }
}

/** What Talos refuses else. Source: siderolabs/talos pkg/machinery/compatibility/talos1xx, and the support matrix of each minor. */
export const talos = new Compatibility({
  '1.11': { oldest: '1.29', newest: '1.34' },
  '1.12': { oldest: '1.30', newest: '1.35' },
  '1.13': { oldest: '1.31', newest: '1.36' },
});

/** What Cilium tests end to end. Source: docs.cilium.io, network/kubernetes/compatibility of each minor. */
export const cilium = new Compatibility({
  '1.18': { oldest: '1.30', newest: '1.33' },
  '1.19': { oldest: '1.32', newest: '1.35' },
});

/**
 * By version of the chart flux2, whose check before the installation refuses older clusters. Chart 2.17 holds Flux 2.7, chart 2.18
 * Flux 2.8. Source: fluxcd/flux2 cmd/flux/check.go of these releases.
 */
export const fluxChart = new Compatibility({
  '2.17': { oldest: '1.32' },
  '2.18': { oldest: '1.33' },
});

/** Whether a Talos of that version reads the documents of a contract, as `1.9`: it reads those of all older minors. */
export const talosReadsContract = (version: string, contract: string): boolean => minorOf(contract) <= minorOf(version);

/**
 * Whether disk images of that Talos enrol the keys that they are signed with, where the firmware has none yet. Measured in
 * siderolabs/talos: up to v1.13.9 only pkg/imager/iso does, in v1.14.0-rc.1 the boot loader of disk images too.
 */
export const enrolsSecureBootKeys = (version: string): boolean => minorOf(version) >= minorOf('1.14');
