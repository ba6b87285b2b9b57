import type { ClusterPlan, NodePlan } from '../../modules/model/cluster-plan';
import { endOf, type Looks } from './looks';
import { look } from './readers';
import { together, type Part, type Verdict } from './verdict';

const DAY_MS = 24 * 3600 * 1000;
/** Days. The provider makes a new talosconfig where less is left (talos_machine_secrets_resource.go); a deploy no kubeconfig. */
const CLIENT_DAYS = 30;
/** Nodes renew what they serve by themselves: Talos its own each day, the API server's each year. */
const TALOS_PORT = 50_000;
const API_PORT = 6443;

const daysTo = (end: Date, now: Date): number => Math.floor((end.getTime() - now.getTime()) / DAY_MS);

interface Held {
  readonly what: string;
  readonly end: Date;
  readonly fix: string;
}

/** Certificates that a person holds, and the authorities behind them. */
const held = ({ plan, readers }: Looks): readonly Held[] => {
  const fix = `npx groundwork credentials ${plan.name} --renew`;
  return (['kubeconfig', 'talosconfig'] as const).flatMap((kind) => {
    const access = kind === 'kubeconfig' ? readers.kubernetes : readers.talos;
    if ('why' in access) return [];
    return [
      { what: `${kind}'s certificate`, end: endOf(access.data.certificate), fix },
      { what: `the authority behind ${kind}`, end: endOf(access.data.ca), fix: 'docs/HEALTH.md, "Certificates"' },
    ];
  });
};

const heldPart = ({ what, end, fix }: Held, now: Date): Part => {
  const days = daysTo(end, now);
  const day = end.toISOString().slice(0, 10);
  if (end <= now) return { bad: `${what} has expired on ${day}`, fix };
  if (days < CLIENT_DAYS) return { bad: `${what} expires in ${days} days, on ${day}`, fix };
  return { good: String(days) };
};

const served = (
  plan: ClusterPlan,
): readonly { readonly node: NodePlan; readonly port: number; readonly what: string }[] =>
  plan.nodes.flatMap((node) => [
    { node, port: TALOS_PORT, what: `the Talos API's certificate on ${node.name}` },
    ...(node.role === 'controlplane'
      ? [{ node, port: API_PORT, what: `the API server's certificate on ${node.name}` }]
      : []),
  ]);

/** Credentials, authorities, and what each node serves: days to the first end. */
export const certificates = async (looks: Looks): Promise<Verdict> => {
  const { plan, readers } = looks;
  const now = readers.now();
  const own = held(looks).map((one) => heldPart(one, now));
  const theirs = await Promise.all(
    served(plan).map(async ({ node, port, what }): Promise<Part> => {
      const address = node.address.toString();
      const found = await look(() => readers.servedCertificate(address, port));
      if ('why' in found) {
        const cause = await looks.cause(node, 'kubernetes-api');
        return { unseen: cause ?? `${what}: ${found.why}` };
      }
      const { notBefore, notAfter } = found.data;
      const fix = `is its clock right? talosctl -n ${address} time; then talosctl -n ${address} reboot renews it`;
      if (notAfter <= now) return { bad: `${what} has expired on ${notAfter.toISOString().slice(0, 10)}`, fix };
      if (notBefore.getTime() > now.getTime() + 60_000)
        return { bad: `${what} begins only at ${notBefore.toISOString()}`, fix };
      return { good: '' };
    }),
  );
  const first = Math.min(...own.flatMap((part) => ('good' in part ? [Number(part.good)] : [])));
  const unread = [readers.kubernetes, readers.talos].flatMap((access) =>
    'why' in access ? [{ unseen: access.why }] : [],
  );
  return together(
    [...own, ...unread, ...theirs],
    () => `none has expired; of kubeconfig, talosconfig and their authorities the first ends in ${first} days`,
  );
};
