import { parseState } from '../../../modules/model/state';

describe('O-5 where the state is', () => {
  test.each([
    ['local', { kind: 'local' }],
    ['postgres', { kind: 'postgres' }],
    ['s3://terraform-state', { kind: 's3', bucket: 'terraform-state', prefix: '', region: 'us-east-1' }],
    [
      's3://terraform-state/home/lab/?region=eu-central-1',
      { kind: 's3', bucket: 'terraform-state', prefix: 'home/lab', region: 'eu-central-1' },
    ],
    [
      's3://states?endpoint=https://minio.home.arpa:9000',
      {
        ...{ kind: 's3', bucket: 'states', prefix: '', region: 'us-east-1' },
        endpoint: 'https://minio.home.arpa:9000',
      },
    ],
  ])('%s', (text, plan) => {
    expect(parseState(text)).toEqual(plan);
  });

  test.each([
    ['https://example.org', 'state "https://example.org" is not known; use local, postgres or s3://<bucket>'],
    [
      's3://key:secret@states',
      'state "s3://...@states" holds credentials, which would stand in the plan for all to read; give them as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
    ],
    [
      's3://My_States',
      'state "s3://My_States" has the bucket "My_States"; a bucket\'s name has 3 to 63 small letters, digits, points and hyphens',
    ],
    ['s3://states?lock=1', 'state "s3://states?lock=1" has the setting "lock"; known are region and endpoint'],
    [
      's3://states?endpoint=minio',
      'state "s3://states?endpoint=minio" has the endpoint "minio"; write it as https://minio.home.arpa:9000',
    ],
  ])('%s is refused', (text, message) => {
    expect(() => parseState(text)).toThrow(message);
  });
});
