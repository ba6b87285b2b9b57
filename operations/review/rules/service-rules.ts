import { isTakedown, type ClusterChange } from '../cluster-change';
import { changedPaths, valueAt } from '../changed-paths';
import { about, listed, type Finding, type Rule } from '../rule';
import { fateOf, type ResourceChange } from '../terraform-plan';
import { compareVersions } from '../versions';

const releases = (change: ClusterChange): readonly ResourceChange[] =>
  isTakedown(change) ? [] : change.changes.filter(({ type }) => type === 'helm_release');

const nameOf = ({ change: { before, after } }: ResourceChange): string => String((after ?? before)?.['name']);
const version = (values: unknown): string => {
  const found = valueAt(values, 'version');
  return typeof found === 'string' ? found : '';
};

const moved = (change: ClusterChange, way: 1 | -1): readonly ResourceChange[] =>
  releases(change).filter(
    (release) =>
      fateOf(release) === 'update' &&
      compareVersions(version(release.change.after), version(release.change.before)) === way,
  );

const fromTo = ({ change: { before, after } }: ResourceChange): string =>
  `from ${version(before)} to ${version(after)}`;

/** Cilium is the network of all pods; while its agents start again, nothing new gets an address. */
const isNetwork = (release: ResourceChange): boolean => nameOf(release) === 'cilium';

/** Paths in `values` that differ; not the values. */
const valuesChanged = ({ change: { before, after } }: ResourceChange): boolean =>
  changedPaths(before?.['values'], after?.['values']).length > 0;

const followsGit = (release: ResourceChange): boolean =>
  nameOf(release) === 'flux-system' && fateOf(release) === 'update' && valuesChanged(release);

const each = (
  found: readonly ResourceChange[],
  finding: (release: ResourceChange) => Omit<Finding, 'addresses'>,
): Finding[] => found.map((release) => ({ ...finding(release), addresses: [release.address] }));

export const SERVICE_RULES: readonly Rule[] = [
  {
    code: 'release-removed',
    risk: 'high',
    meaning: 'A Helm release goes or is made anew; destructive for Cilium, without which no pod reaches another.',
    find: (change) =>
      each(
        releases(change).filter((release) => ['destroy', 'replace'].includes(fateOf(release))),
        (release) => ({
          message: `the Helm release ${nameOf(release)} is ${fateOf(release) === 'replace' ? 'uninstalled and installed anew' : 'uninstalled'}`,
          ...(isNetwork(release) && {
            risk: 'destructive' as const,
            advice: 'without Cilium the cluster has no network',
          }),
        }),
      ),
  },
  {
    code: 'release-downgrade',
    risk: 'high',
    meaning: 'A Helm release goes back to an older chart.',
    find: (change) =>
      each(moved(change, -1), (release) => ({
        message: `the Helm release ${nameOf(release)} goes back ${fromTo(release)}`,
        advice: 'read its notes on downgrades; custom resource definitions do not go back',
      })),
  },
  {
    code: 'release-upgrade',
    risk: 'low',
    meaning: 'A Helm release gets a newer chart. High for Cilium, whose agents start again on every node.',
    find: (change) =>
      each(moved(change, 1), (release) => ({
        message: `the Helm release ${nameOf(release)} goes ${fromTo(release)}`,
        ...(isNetwork(release) && {
          risk: 'high' as const,
          advice: 'read the upgrade notes; go one minor version at a time',
        }),
      })),
  },
  {
    code: 'flux-source-changed',
    risk: 'high',
    meaning: 'Flux follows another repository, branch or folder: it applies what is there and prunes what is not.',
    find: (change) =>
      each(releases(change).filter(followsGit), () => ({
        message: 'Flux follows another repository, branch or folder, and removes from the cluster what is not in it',
        advice: 'see that the same services are there: groundwork platform diff',
      })),
  },
  {
    code: 'release-values-changed',
    risk: 'low',
    meaning: 'Values of a Helm release change. High for Cilium, whose agents may start again on every node.',
    find: (change) =>
      each(
        releases(change).filter(
          (release) => fateOf(release) === 'update' && valuesChanged(release) && !followsGit(release),
        ),
        (release) => ({
          message: `values of the Helm release ${nameOf(release)} change`,
          ...(isNetwork(release) && { risk: 'high' as const }),
        }),
      ),
  },
  {
    code: 'release-added',
    risk: 'low',
    meaning: 'A Helm release is installed.',
    find: (change) =>
      about(
        releases(change).filter((release) => fateOf(release) === 'create'),
        (found) => ({
          message: `Helm installs ${listed(found.map(nameOf))}`,
          addresses: found.map(({ address }) => address),
        }),
      ),
  },
  {
    code: 'provider-changed',
    risk: 'low',
    meaning:
      'Another version of a Terraform provider writes the state. High where it is an older one, which may not read it.',
    find: ({ before, after }) => {
      const [old, young] = [valueAt(before, 'providers') ?? {}, valueAt(after, 'providers') ?? {}] as Record<
        string,
        string
      >[];
      return Object.entries(young ?? {}).flatMap(([name, to]) => {
        const from = old?.[name];
        if (from === undefined || from === to) return [];
        const back = compareVersions(to, from) < 0;
        return [
          {
            message: `provider ${name} goes ${back ? 'back ' : ''}from ${from} to ${to}${back ? ': it may not read the state that the newer one wrote' : ''}`,
            ...(back && { risk: 'high' as const }),
            addresses: [],
          },
        ];
      });
    },
  },
  {
    code: 'images-replaced',
    risk: 'low',
    meaning: 'Disk images for machines to come. A running machine does not look at its image again.',
    find: (change) =>
      isTakedown(change)
        ? []
        : about(
            change.changes.filter(({ type }) =>
              /^(proxmox_(virtual_environment_)?download_file|talos_image_factory_schematic)$/.test(type),
            ),
            (found) => {
              const files = found.filter(({ type }) => type.startsWith('proxmox'));
              const count = (fates: readonly string[]): number =>
                files.filter((file) => fates.includes(fateOf(file))).length;
              const [made, gone] = [count(['create', 'replace', 'update']), count(['destroy', 'replace'])];
              return {
                message: `disk images: ${made} downloaded, ${gone} removed; running machines keep their disks`,
                addresses: found.map(({ address }) => address),
              };
            },
          ),
  },
];
