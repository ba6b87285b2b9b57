import { gunzipSync } from 'node:zlib';
import type { NodeSite } from '../site/site';
import type { RunningLab } from '../world/running-lab';
import { look, type CheckResult } from './check-result';
import type { KubernetesApi } from './kubernetes-api';
import type { TalosApi } from './talos-api';
import { cdktf, terraform } from './terraform';
import { apiAddressOf, leaseHolder, vipHolders } from './vip';

/** What a look at a deployed cluster needs. */
export interface Cluster {
  readonly lab: RunningLab;
  readonly api: KubernetesApi;
  readonly talos: TalosApi;
  /** How long a check of the running cluster looks again before it has failed. */
  readonly patienceMs: number;
}

/** What a person does next, in a lab that was kept. */
const inShell = (command: string): string => `npm start -- --keep, then in \`npx groundwork lab shell\`: ${command}`;

interface KubernetesNode {
  readonly metadata: { readonly name: string };
  readonly status: {
    readonly addresses?: readonly { readonly type: string; readonly address: string }[];
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
    readonly nodeInfo: { readonly kubeletVersion: string };
  };
}

/** Every node of the spec, and no other, is Ready at its own address, as the API server says at the VIP. */
export const nodesReady = ({ lab, api, patienceMs }: Cluster): Promise<CheckResult> =>
  look(
    'nodes-ready',
    inShell('kubectl get nodes -o wide'),
    async () => {
      const { items } = await api.get<{ readonly items: readonly KubernetesNode[] }>('/api/v1/nodes');
      const seen = items.map(({ metadata, status }) => ({
        name: metadata.name,
        address: status.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '',
        ready: status.conditions?.find(({ type }) => type === 'Ready')?.status === 'True',
        version: status.nodeInfo.kubeletVersion,
      }));
      const isGood = ({ name, address }: NodeSite): boolean =>
        seen.some((node) => node.ready && node.name === name && node.address === address);
      const good = lab.site.nodes.filter(isGood);
      const others = seen.filter(({ name }) => lab.site.nodes.every((node) => node.name !== name));
      const missing = lab.site.nodes.filter((node) => !isGood(node)).map(({ name }) => name);
      const fact = [
        `${good.length} of ${lab.site.nodes.length} Ready at ${api.server.host}`,
        ...(missing.length > 0 ? [`not so: ${missing.join(', ')}`] : []),
        ...(others.length > 0 ? [`not in the spec: ${others.map(({ name }) => name).join(', ')}`] : []),
      ].join('; ');
      return { good: missing.length === 0 && others.length === 0, fact, seen };
    },
    patienceMs,
  );

/** Exactly one node has the VIP on its interface, and the lease is its where kube-vip moves it. Nobody has it where kube-vip is missing: Talos is then the one that holds it. */
export const vipHolder = ({ lab, api, patienceMs }: Cluster): Promise<CheckResult> =>
  look(
    'vip-holder',
    inShell('kubectl -n kube-system get lease plndr-cp-lock'),
    async () => {
      const address = apiAddressOf(api);
      const [holders, lease] = await Promise.all([vipHolders(lab, address), leaseHolder(api)]);
      const names = holders.map(({ name }) => name);
      return {
        good: names.length === 1 && (lease === undefined || names[0] === lease),
        fact: `${address} is on ${names.join(' and ') || 'no node'}; ${lease === undefined ? "kube-vip has no lease: it is Talos' own VIP" : `the lease is held by ${lease || 'nobody'}`}`,
        seen: { address, nodes: names, lease: lease ?? null },
      };
    },
    patienceMs,
  );

/** Every control plane's own member is healthy, is no learner, and lists the same members. */
export const etcdQuorum = ({ lab, talos, patienceMs }: Cluster): Promise<CheckResult> =>
  look(
    'etcd-quorum',
    `look into ${lab.logFolder}: etcd.log of each control plane`,
    async () => {
      const planes = lab.site.nodes.filter(({ role }) => role === 'controlplane');
      const answers = await Promise.all(
        planes.map(async (node) => {
          const { name } = node;
          try {
            const [members, services] = await Promise.all([talos.etcdMembers(node), talos.services(node)]);
            const healthy = services.find(({ id }) => id === 'etcd')?.health?.healthy === true;
            return { name, healthy, members, fault: healthy ? '' : 'etcd is not healthy' };
          } catch (error) {
            return { name, healthy: false, members: [], fault: (error as Error).message };
          }
        }),
      );
      const members = answers[0]?.members ?? [];
      const list = (given: typeof members): string =>
        given
          .map(({ hostname, is_learner }) => `${hostname}${is_learner ? ' (learner)' : ''}`)
          .sort()
          .join(', ');
      const expected = planes
        .map(({ name }) => name)
        .sort()
        .join(', ');
      const healthy = answers.filter((answer) => answer.healthy && list(answer.members) === expected);
      const faults = answers
        .filter((answer) => !healthy.includes(answer))
        .map(({ name, fault, members: own }) => `${name}: ${fault || `lists ${list(own) || 'nobody'}`}`);
      return {
        good: faults.length === 0,
        fact: [
          `${healthy.length} of ${planes.length} members healthy`,
          ...(faults.length === 0 ? [expected] : faults),
        ].join('; '),
        seen: members.map(({ hostname, peer_urls, is_learner }) => ({
          hostname,
          peerUrls: peer_urls,
          learner: is_learner,
        })),
      };
    },
    patienceMs,
  );

interface ReleaseSecret {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly data: { readonly release: string };
}

/** What Helm keeps of a release: base64 of gzipped JSON, in a Secret whose data are base64 once more. */
const chartOf = ({ data }: ReleaseSecret): { readonly name: string; readonly version: string } => {
  const packed = Buffer.from(Buffer.from(data.release, 'base64').toString('latin1'), 'base64');
  const { chart } = JSON.parse(gunzipSync(packed).toString('utf8')) as {
    readonly chart: { readonly metadata: { readonly name: string; readonly version: string } };
  };
  return chart.metadata;
};

/** Every chart of the spec is deployed at the version asked for. */
export const helmReleases = ({ lab, api, patienceMs }: Cluster): Promise<CheckResult> =>
  look(
    'helm-releases',
    inShell('kubectl get secrets -A -l owner=helm --show-labels'),
    async () => {
      const { items } = await api.get<{ readonly items: readonly ReleaseSecret[] }>(
        '/api/v1/secrets?labelSelector=owner%3Dhelm',
      );
      const seen = items.map((secret) => {
        const { namespace, labels } = secret.metadata;
        const { name: chart, version } = chartOf(secret);
        return { name: labels['name'] ?? '', namespace, chart, version, status: labels['status'] ?? '' };
      });
      const wanted = lab.site.chartRepositories.flatMap(({ charts }) => charts);
      const missing = wanted.filter(
        ({ name, version }) =>
          !seen.some(
            (release) => release.chart === name && release.version === version && release.status === 'deployed',
          ),
      );
      const described = seen.map(({ name, chart, version, status }) => `${name} (${chart} ${version}) ${status}`);
      return {
        good: wanted.length > 0 && missing.length === 0,
        fact: [
          described.sort().join(', ') || 'no release',
          ...(missing.length > 0
            ? [`missing: ${missing.map(({ name, version }) => `${name} ${version}`).join(', ')}`]
            : []),
        ].join('; '),
        seen,
      };
    },
    patienceMs,
  );

/** A second plan changes nothing, as Terraform's exit status says, and as `cdktf diff` prints. */
export const secondPlan = ({ lab }: Pick<Cluster, 'lab'>): Promise<CheckResult> =>
  look('second-plan', `look into ${lab.logFolder}/cdktf-diff.log and terraform-plan.log`, async () => {
    const diff = await cdktf(lab, 'diff');
    const plan = await terraform(lab, ['plan', '-detailed-exitcode', '-input=false', '-no-color'], {
      log: 'terraform-plan',
    });
    const unchanged = diff.status === 0 && diff.stdout.includes('No changes.');
    const changed = /^Plan: .*$/m.exec(plan.stdout)?.[0];
    return {
      good: plan.status === 0 && unchanged,
      fact: [
        `terraform plan -detailed-exitcode: ${plan.status}${changed === undefined ? '' : ` (${changed})`} in ${plan.seconds.toFixed(1)} s`,
        `cdktf diff: ${unchanged ? 'no changes' : diff.status === 0 ? 'changes' : `status ${diff.status}`} in ${diff.seconds.toFixed(1)} s`,
      ].join('; '),
      seen: {
        planStatus: plan.status,
        planSeconds: plan.seconds,
        diffStatus: diff.status,
        diffSeconds: diff.seconds,
        unchanged,
      },
    };
  });

/** `cdktf destroy` leaves nothing at Proxmox. */
export const destroyed = ({ lab }: Pick<Cluster, 'lab'>): Promise<CheckResult> =>
  look('destroy', `look into ${lab.logFolder}/cdktf-destroy.log`, async () => {
    const { status, seconds } = await cdktf(lab, 'destroy');
    const machines = lab.proxmox.virtualMachines().map(({ name }) => name);
    const volumes = lab.proxmox.volumes();
    const left = [...machines, ...volumes];
    return {
      good: status === 0 && left.length === 0,
      fact: `cdktf destroy: status ${status} in ${seconds.toFixed(1)} s; ${left.length === 0 ? 'no VM, disk or image is left' : `left: ${left.join(', ')}`}`,
      seen: { status, seconds, machines, volumes },
    };
  });
