import type { StatePlan } from './cluster-plan';
import { SpecError } from './spec-error';

/** A region that stores other than AWS's take for theirs, where none is said: MinIO's and Ceph's own default. */
const DEFAULT_REGION = 'us-east-1';
/** Source: docs.aws.amazon.com, "General purpose buckets naming rules". */
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

const parse = (value: string): StatePlan | string => {
  if (value === 'local' || value === 'postgres') return { kind: value };
  const url = URL.parse(value);
  if (url?.protocol !== 's3:') return 'is not known; use local, postgres or s3://<bucket>';
  if (url.username !== '' || url.password !== '') {
    return 'holds credentials, which would stand in the plan for all to read; give them as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY';
  }
  const bucket = url.hostname;
  if (!BUCKET.test(bucket)) {
    return `has the bucket "${bucket}"; a bucket's name has 3 to 63 small letters, digits, points and hyphens`;
  }
  const unknown = [...url.searchParams.keys()].find((key) => key !== 'region' && key !== 'endpoint');
  if (unknown !== undefined) return `has the setting "${unknown}"; known are region and endpoint`;
  const endpoint = url.searchParams.get('endpoint');
  if (endpoint !== null && !/^https?:\/\/[^/?#@]+$/.test(endpoint)) {
    return `has the endpoint "${endpoint}"; write it as https://minio.home.arpa:9000`;
  }
  return {
    kind: 's3',
    bucket,
    prefix: url.pathname.split('/').filter(Boolean).join('/'),
    region: url.searchParams.get('region') ?? DEFAULT_REGION,
    ...(endpoint !== null && { endpoint }),
  };
};

/** What is wrong with a setting of the state, to follow its value in a sentence; undefined where nothing is. */
export const stateFault = (value: string): string | undefined => {
  const found = parse(value);
  return typeof found === 'string' ? found : undefined;
};

/** As in messages: without credentials. */
export const showState = (value: string): string => value.replace(/\/\/[^/@]*@/, '//...@');

/** @throws SpecError with the fault, where there is one */
export const parseState = (value: string): StatePlan => {
  const found = parse(value);
  if (typeof found === 'string') throw new SpecError(`state "${showState(value)}" ${found}`);
  return found;
};
