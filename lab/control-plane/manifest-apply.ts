import { applyOrder, type Manifest, type ManifestGroup } from './bootstrap-manifests';
import { APPLY, KubernetesError, type KubernetesClient } from './kubernetes-client';

const INVENTORY = 'talos-bootstrap-manifests-inventory';
const INVENTORY_PATH = '/api/v1/namespaces/kube-system/configmaps';
const INVENTORY_ANNOTATION = 'config.k8s.io/owning-inventory';

/** The calls that are made here. */
type Api = Pick<KubernetesClient, 'call'>;

interface Inventory {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly resourceVersion?: string };
  readonly data?: Readonly<Record<string, string>>;
}

interface ApiResource {
  /** Plural name in URLs. */
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** What came of one round. */
export interface ApplyResult {
  /** `apps/v1/DaemonSet/kube-vip`. */
  readonly created: readonly string[];
  /** Objects that the API server refuses as they are: the others were applied nevertheless. */
  readonly refused: readonly string[];
}

/** Reasons for which Talos goes on with the next object; all others end the round. */
const REFUSALS = new Set(['BadRequest', 'Invalid', 'MethodNotAllowed']);

/**
 * Creates every object that is missing, by server-side apply as field manager `talos`, and changes none that
 * exists. With an inventory (Talos 1.13 and newer) an object that was applied once is not made again either.
 * @throws Error where the API server is not there, or a namespace is missing: try again later
 */
export const applyManifests = async (
  client: Api,
  groups: readonly ManifestGroup[],
  withInventory: boolean,
): Promise<ApplyResult> => {
  const inventory = withInventory ? await readInventory(client) : undefined;
  const known = new Set(Object.keys(inventory?.data ?? {}));
  const before = known.size;
  const resources = new ResourceFinder(client);
  const created: string[] = [];
  const refused: string[] = [];
  try {
    for (const object of applyOrder(groups)) {
      const title = `${object.apiVersion}/${object.kind}/${object.metadata.name}`;
      const resource = await resources.find(object);
      if (resource === undefined) {
        refused.push(`${title}: no such kind`);
        continue;
      }
      const namespace = resource.namespaced ? (object.metadata.namespace ?? 'default') : '';
      const key = inventoryKey(object, namespace);
      if (known.has(key)) continue;
      const path = objectPath(object, resource.name, namespace);
      if (!(await exists(client, path))) {
        try {
          await client.call('PATCH', `${path}?fieldManager=talos`, {
            body: owned(object, namespace, withInventory),
            contentType: APPLY,
          });
          created.push(title);
        } catch (error) {
          if (!(error instanceof KubernetesError) || !REFUSALS.has(error.reason)) throw error;
          refused.push(`${title}: ${error.message}`);
          continue;
        }
      }
      known.add(key);
    }
  } finally {
    if (inventory !== undefined && known.size !== before) await writeInventory(client, inventory, known);
  }
  return { created, refused };
};

/** `<namespace>_<name>_<group>_<kind>`, colons in names doubled to `__`, as the cli-utils inventory writes keys. */
export const inventoryKey = (object: Manifest, namespace: string): string => {
  const [first = '', version] = object.apiVersion.split('/');
  const group = version === undefined ? '' : first;
  return [namespace, object.metadata.name.replaceAll(':', '__'), group, object.kind].join('_');
};

const owned = (object: Manifest, namespace: string, withInventory: boolean): unknown => ({
  ...object,
  metadata: {
    ...object.metadata,
    // Left out for what has no namespace: a user may have set one by accident.
    namespace: namespace === '' ? undefined : namespace,
    ...(withInventory ? { annotations: { ...object.metadata.annotations, [INVENTORY_ANNOTATION]: INVENTORY } } : {}),
  },
});

const groupPath = (apiVersion: string): string =>
  apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;

const objectPath = ({ apiVersion, metadata }: Manifest, plural: string, namespace: string): string =>
  `${groupPath(apiVersion)}/${namespace === '' ? '' : `namespaces/${namespace}/`}${plural}/${encodeURIComponent(metadata.name)}`;

const exists = async (client: Api, path: string): Promise<boolean> => {
  try {
    await client.call('GET', path);
    return true;
  } catch (error) {
    if (error instanceof KubernetesError && error.status === 404) return false;
    throw error;
  }
};

/** Looks up the URL name of a kind, once per group and round; a kind made by a CRD of this round is asked for again. */
class ResourceFinder {
  private readonly groups = new Map<string, readonly ApiResource[]>();

  constructor(private readonly client: Api) {}

  async find({ apiVersion, kind }: Manifest): Promise<ApiResource | undefined> {
    const known = this.groups.get(apiVersion)?.find((resource) => resource.kind === kind);
    if (known !== undefined) return known;
    try {
      const { resources } = await this.client.call<{ resources: ApiResource[] }>('GET', groupPath(apiVersion));
      const main = resources.filter(({ name }) => !name.includes('/'));
      this.groups.set(apiVersion, main);
      return main.find((resource) => resource.kind === kind);
    } catch (error) {
      if (error instanceof KubernetesError && error.status === 404) return undefined;
      throw error;
    }
  }
}

const readInventory = async (client: Api): Promise<Inventory> => {
  try {
    return await client.call<Inventory>('GET', `${INVENTORY_PATH}/${INVENTORY}`);
  } catch (error) {
    if (!(error instanceof KubernetesError) || error.status !== 404) throw error;
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: INVENTORY, namespace: 'kube-system' } };
    return client.call<Inventory>('POST', INVENTORY_PATH, { body });
  }
};

const writeInventory = async (client: Api, inventory: Inventory, keys: ReadonlySet<string>): Promise<void> => {
  const data = Object.fromEntries([...keys].sort().map((key) => [key, '']));
  const { name, namespace, resourceVersion } = inventory.metadata;
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, resourceVersion }, data };
  await client.call('PUT', `${INVENTORY_PATH}/${INVENTORY}`, { body });
};
