/** What names an object in the API. */
export interface NamedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
}

/** Of the kinds that are brought with a machine config. */
const PLURALS: Readonly<Record<string, string>> = {
  DaemonSet: 'daemonsets',
  Role: 'roles',
  RoleBinding: 'rolebindings',
  ServiceAccount: 'serviceaccounts',
};

/** Path of an object in a namespace. @throws Error of a kind that is not in the table */
export const objectPath = ({ apiVersion, kind, metadata }: NamedObject): string => {
  const plural = PLURALS[kind];
  if (plural === undefined) throw new Error(`the path of a ${kind} is not known here; report this`);
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return `${group}/namespaces/${metadata.namespace}/${plural}/${metadata.name}`;
};
