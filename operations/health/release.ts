import { gunzipSync } from 'node:zlib';
import type { Looks } from './looks';
import type { Part } from './verdict';

interface ReleaseSecret {
  readonly metadata: { readonly labels?: Readonly<Record<string, string>> };
  readonly data?: { readonly release?: string };
}

interface StoredRelease {
  readonly version: number;
  readonly info: { readonly status: string; readonly description?: string };
  readonly chart: { readonly metadata: { readonly version: string } };
}

export interface PlannedRelease {
  readonly namespace: string;
  readonly name: string;
  readonly version: string;
}

/** What Helm keeps of a release: base64 of gzipped JSON, in a Secret whose data are base64 once more (pkg/storage/driver). */
const stored = ({ data }: ReleaseSecret): StoredRelease => {
  const packed = Buffer.from(Buffer.from(data?.release ?? '', 'base64').toString('latin1'), 'base64');
  return JSON.parse(gunzipSync(packed).toString('utf8')) as StoredRelease;
};

/** The newest revision of a release is deployed, at the planned version. */
export const releasePart = async (looks: Looks, { namespace, name, version }: PlannedRelease): Promise<Part> => {
  const found = await looks.list<ReleaseSecret>(
    `/api/v1/namespaces/${namespace}/secrets?labelSelector=owner%3Dhelm%2Cname%3D${name}`,
  );
  if ('why' in found) {
    return found.why.endsWith(')')
      ? { unseen: found.why }
      : { bad: `release ${name}: ${found.why}`, fix: 'helm list -A' };
  }
  const deploy = `npx cdktf deploy ${looks.plan.stack}`;
  const [newest] = found.data.map(stored).sort((a, b) => b.version - a.version);
  if (newest === undefined) return { bad: `release ${name} is not there`, fix: deploy };
  const { status, description = '' } = newest.info;
  if (status !== 'deployed') {
    return {
      bad: `release ${name} is ${status}: ${description}`,
      fix: `helm -n ${namespace} history ${name}; then ${deploy}`,
    };
  }
  const actual = newest.chart.metadata.version;
  if (actual !== version) return { bad: `release ${name} is ${actual}, planned ${version}`, fix: deploy };
  return { good: `${name} ${version}` };
};
