/**
 * What the documents use of programs that are not ours: commands, with the options that each is given there. None of these
 * programs is part of the checkout, so that their own references stand behind the table.
 */
export interface ForeignProgram {
  readonly source: string;
  /** Options that may stand anywhere, and whether a value follows. */
  readonly everywhere?: Readonly<Record<string, boolean>>;
  /** By command, the options that it may have, and whether a value follows. */
  readonly commands: Readonly<Record<string, Readonly<Record<string, boolean>>>>;
}

const NONE = {};

export const FOREIGN_PROGRAMS: Readonly<Record<string, ForeignProgram>> = {
  talosctl: {
    source: 'siderolabs/talos, website/content/v1.12/reference/cli.md',
    everywhere: { '--nodes': true, '-n': true, '--endpoints': true, '-e': true, '--talosconfig': true },
    commands: {
      'etcd members': NONE,
      'etcd status': NONE,
      'etcd snapshot': NONE,
      'etcd remove-member': NONE,
      reset: { '--graceful': false, '--reboot': false },
      service: NONE,
      dmesg: { '--follow': false },
      logs: { '--follow': false, '--kubernetes': false },
      rollback: NONE,
      upgrade: { '--image': true },
      'upgrade-k8s': { '--to': true },
      reboot: NONE,
      shutdown: NONE,
      'image default': NONE,
      'config new': { '--roles': true, '--crt-ttl': true },
      'rotate-ca': { '--dry-run': false, '--talos': false, '--kubernetes': false },
      'apply-config': { '--mode': true, '--file': true },
    },
  },
  kubectl: {
    source: 'kubectl <command> --help of Kubernetes 1.35',
    everywhere: { '-n': true, '--namespace': true, '--kubeconfig': true },
    commands: {
      get: { '-o': true, '-A': false, '--watch': false },
      drain: { '--ignore-daemonsets': false, '--delete-emptydir-data': false },
      uncordon: NONE,
      'create secret generic': { '--from-file': true },
      delete: NONE,
      describe: NONE,
      logs: { '--previous': false, '-l': true },
      exec: { '-it': false },
    },
  },
  flux: {
    source: 'fluxcd.io/flux/cmd',
    commands: { 'get kustomizations': NONE, 'reconcile kustomization': NONE, 'suspend kustomization': NONE },
  },
  kubeseal: { source: 'bitnami-labs/sealed-secrets, README.md', commands: { '': { '--fetch-cert': false } } },
  'age-keygen': { source: 'FiloSottile/age, doc/age-keygen.1', commands: { '': { '-o': true, '-y': false } } },
  pveum: {
    source: 'pve.proxmox.com/pve-docs/pveum.1.html',
    commands: {
      'role add': { '--privs': true },
      'role modify': { '--privs': true, '--append': true },
      'user add': NONE,
      'acl modify': { '--users': true, '--roles': true },
      'user token add': { '--privsep': true },
      'user token remove': NONE,
    },
  },
  pvesh: { source: 'pve.proxmox.com/pve-docs/pvesh.1.html', commands: { get: NONE } },
  pvesm: { source: 'pve.proxmox.com/pve-docs/pvesm.1.html', commands: { set: { '--content': true } } },
  qm: {
    source: 'pve.proxmox.com/pve-docs/qm.1.html',
    commands: { set: { '--protection': true }, config: NONE, status: NONE, stop: NONE, destroy: NONE },
  },
  terraform: {
    source: 'developer.hashicorp.com/terraform/cli/commands',
    commands: {
      plan: { '-out': true, '-detailed-exitcode': false, '-refresh-only': false },
      show: { '-json': false },
      import: NONE,
      output: { '-raw': false },
      'providers mirror': NONE,
      'force-unlock': NONE,
      validate: NONE,
      'state list': NONE,
    },
  },
  helm: { source: 'helm.sh/docs/helm', commands: { template: { '--version': true }, push: NONE } },
  vault: {
    source: 'developer.hashicorp.com/vault/docs/commands',
    commands: { 'operator init': NONE, 'operator unseal': NONE },
  },
  direnv: { source: 'direnv(1)', commands: { allow: NONE, exec: NONE } },
  chmod: { source: 'POSIX', commands: { '': NONE } },
  umask: { source: 'POSIX', commands: { '': NONE } },
  export: { source: 'POSIX', commands: { '': NONE } },
  read: { source: 'bash(1)', commands: { '': { '-rs': false } } },
  source: { source: 'bash(1)', commands: { '': NONE } },
};

/** What is wrong with the words of another's program, by the table. */
export const foreignFault = (words: readonly string[]): string | undefined => {
  const [name = '', ...rest] = words;
  const program = FOREIGN_PROGRAMS[name];
  if (program === undefined) return `${name} is a program that the table of the documents does not have`;
  const { everywhere = {}, commands, source } = program;
  const plain: string[] = [];
  const options: string[] = [];
  const own = rest.includes('--') ? rest.slice(0, rest.indexOf('--')) : rest;
  const takesValue = (option: string): boolean =>
    everywhere[option] ?? Object.values(commands).some((allowed) => allowed[option] === true);
  for (let at = 0; at < own.length; at += 1) {
    const [option = ''] = (own[at] ?? '').split('=');
    if (!option.startsWith('-')) plain.push(own[at] ?? '');
    else {
      options.push(option);
      if (takesValue(option) && own[at] === option) at += 1;
    }
  }
  const command = Object.keys(commands)
    .sort((one, other) => other.length - one.length)
    .find((path) => path === '' || `${plain.join(' ')} `.startsWith(`${path} `));
  if (command === undefined) return `${name} has no command "${plain.slice(0, 2).join(' ')}" in the table (${source})`;
  const unknown = options.filter((option) => !(option in everywhere || option in (commands[command] ?? {})));
  if (unknown.length === 0) return undefined;
  return `${name} ${command} has no ${unknown.join(', ')} in the table (${source})`;
};
