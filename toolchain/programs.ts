/**
 * A Go module under toolchain/modules and the programs that come of it.
 * `go.mod` and `go.sum` there decide the versions; nothing here repeats one.
 */
export interface GoProgram {
  /** Folder under toolchain/modules. */
  readonly module: string;
  /** Module path whose version in go.mod is the version of the programs; empty for a program of our own. */
  readonly pin: string;
  /** Package path of each program, by the name that the program has for us. */
  readonly packages: Readonly<Record<string, string>>;
  /** What it is for, in one line of the progress display. */
  readonly purpose: string;
  /** Wall time of a cold build with its downloads on 2 cores, in seconds: measured. */
  readonly seconds: number;
  /** Sources, build cache and programs on disk, in MiB: summed up from measured parts. */
  readonly mebibytes: number;
  /** Go variables that the program reports as its version; most know it by themselves. */
  readonly variables?: (version: string) => Readonly<Record<string, string>>;
}

/** As hack/lib/version.sh of Kubernetes does it; the API server and every node report this. */
const kubernetesVersion = (version: string): Record<string, string> => {
  const [major = '', minor = ''] = version.replace(/^v/, '').split('.');
  const facts = { gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' };
  return Object.fromEntries(
    ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap((path) =>
      Object.entries(facts).map(([name, value]) => [`${path}.${name}`, value]),
    ),
  );
};

/**
 * What is always built. Built one after the other in this order: Go uses every core by itself, so two builds at once
 * only compile the standard library twice. Small downloads first; the next module is fetched while one compiles.
 */
export const LAB_PROGRAMS: readonly GoProgram[] = [
  {
    module: 'talos-config',
    pin: '',
    packages: { 'talos-config': '.' },
    purpose: "Talos' own validation of machine configs",
    seconds: 40,
    mebibytes: 550,
  },
  {
    module: 'etcd',
    pin: 'go.etcd.io/etcd/server/v3',
    packages: { etcd: 'go.etcd.io/etcd/server/v3', etcdutl: 'go.etcd.io/etcd/etcdutl/v3' },
    purpose: 'the store of each control plane, and its restore',
    seconds: 37,
    mebibytes: 600,
  },
  {
    module: 'kubernetes',
    pin: 'k8s.io/kubernetes',
    packages: {
      'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
      'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
      'kube-scheduler': 'k8s.io/kubernetes/cmd/kube-scheduler',
      kubectl: 'k8s.io/kubernetes/cmd/kubectl',
    },
    purpose: 'the Kubernetes API of each control plane',
    seconds: 420,
    mebibytes: 2200,
    variables: kubernetesVersion,
  },
  {
    module: 'kube-vip',
    pin: 'github.com/kube-vip/kube-vip',
    packages: { 'kube-vip': 'github.com/kube-vip/kube-vip' },
    purpose: 'the virtual address of the API',
    seconds: 135,
    mebibytes: 700,
    variables: (version) => ({ 'main.Version': version }),
  },
  {
    module: 'kwok',
    pin: 'sigs.k8s.io/kwok',
    packages: { kwok: 'sigs.k8s.io/kwok/cmd/kwok' },
    purpose: 'the pods of each node, without containers',
    seconds: 86,
    mebibytes: 600,
    variables: (version) => ({ 'sigs.k8s.io/kwok/pkg/consts.Version': version }),
  },
];

/** Built where the Terraform registry does not answer. The module is `provider-<name>`, its one program too. */
export const PROVIDER_PROGRAMS: readonly GoProgram[] = [
  provider('proxmox', 'github.com/bpg/terraform-provider-proxmox', 'virtual machines on Proxmox VE', 47, 400),
  provider('talos', 'github.com/siderolabs/terraform-provider-talos', 'Talos machine configs', 135, 1400),
  provider('helm', 'github.com/hashicorp/terraform-provider-helm', 'Cilium and Flux', 71, 1000),
  provider('kubernetes', 'github.com/hashicorp/terraform-provider-kubernetes', 'objects in the cluster', 69, 1000),
  provider('null', 'github.com/terraform-providers/terraform-provider-null', 'gates between steps', 24, 500),
];

/** Built where neither Terraform nor OpenTofu is there. */
export const TOFU_PROGRAM: GoProgram = {
  module: 'opentofu',
  pin: 'github.com/opentofu/opentofu',
  packages: { tofu: 'github.com/opentofu/opentofu/cmd/tofu' },
  purpose: 'runs the deployment, as no Terraform is on the PATH',
  seconds: 240,
  mebibytes: 2300,
};

export const ALL_PROGRAMS: readonly GoProgram[] = [...LAB_PROGRAMS, ...PROVIDER_PROGRAMS, TOFU_PROGRAM];

function provider(name: string, path: string, purpose: string, seconds: number, mebibytes: number): GoProgram {
  const module = `provider-${name}`;
  return { module, pin: path, packages: { [module]: path }, purpose, seconds, mebibytes };
}
