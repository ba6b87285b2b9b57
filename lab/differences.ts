import { CONTROL_PLANE_DIFFERENCES, type Difference } from './control-plane/differences';

/**
 * Providers of production, as modules/model/versions.ts pins them; a test compares. Written out, since the lab takes
 * nothing from the product.
 */
export const PRODUCTION_PROVIDERS = {
  proxmox: '0.111.1',
  talos: '0.11.0',
  helm: '3.1.1',
  kubernetes: '2.38.0',
  null: '3.2.4',
} as const;

const providerDifferences = (inUse: Readonly<Record<string, string>>): readonly Difference[] =>
  Object.entries(PRODUCTION_PROVIDERS).flatMap(([name, production]) => {
    const lab = inUse[name];
    if (lab === undefined || lab === production) return [];
    return [
      {
        what: `provider ${name}`,
        production,
        lab,
        why: 'the newest that its Go module gives, where the Terraform registry does not answer; it takes the same JSON',
      },
    ];
  });

/** What is played, and what is small, whatever the set of providers. */
const DATA_CENTRE_DIFFERENCES: readonly Difference[] = [
  {
    what: 'Proxmox VE, Image Factory, discovery service',
    production: 'the systems themselves',
    lab: 'simulators over the same wire, held to recorded requests of the real providers',
    why: 'they need hardware or the internet',
  },
  {
    what: 'Talos machines',
    production: 'Talos Linux in a virtual machine',
    lab: "a process in a network namespace that speaks Talos' machine API; Talos' own validation of machine configs",
    why: 'no hypervisor is needed',
  },
  {
    what: 'time servers',
    production: 'each node asks one, and follows it',
    lab: 'a node is as far off as a test has set it, and nothing sets it right',
    why: "all nodes have this computer's clock",
  },
  {
    what: 'arm64 nodes',
    production: 'machines with an arm64 processor',
    lab: "a host, a machine type and an image of that name, which have to fit; programs are this computer's own",
    why: 'no second computer is needed',
  },
  {
    what: 'disk images',
    production: 'about 100 MB each, with a system in them',
    lab: 'a header that says what the image was built from',
    why: 'nothing is booted from them',
  },
  {
    what: 'Helm charts',
    production: 'charts of Cilium and Flux',
    lab: "small stand-ins with the real names and versions, and Cilium's own schema of values",
    why: 'they come from the internet, and kwok plays their pods',
  },
];

/**
 * Everything in which a rehearsal is not production: the one list that docs, tests and the report read.
 * @param providers versions in use by the providers' local names
 */
export const labDifferences = (providers: Readonly<Record<string, string>>): readonly Difference[] => [
  ...providerDifferences(providers),
  ...DATA_CENTRE_DIFFERENCES,
  ...CONTROL_PLANE_DIFFERENCES,
];

/** `helm=1.3.2,null=1.0.0`, as the lab hands it to the synth, as a record. */
export const providersOf = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    text
      .split(',')
      .filter((entry) => entry !== '')
      .map((entry) => entry.split('=') as [string, string]),
  );

/** One paragraph for each, for a terminal. */
export const describeDifferences = (differences: readonly Difference[]): string =>
  differences
    .map(
      ({ what, production, lab, why }) =>
        `${what}\n  production: ${production}\n  lab:        ${lab}\n  why:        ${why}`,
    )
    .join('\n');
