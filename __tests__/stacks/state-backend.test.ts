import { App, TerraformStack, Testing } from 'cdktf';
import { parseState } from '../../modules/model/state';
import { addStateBackend } from '../../stacks/state-backend';
import { examplePlan } from '../setup/example-plan';

const backendOf = (state: string): unknown => {
  const stack = new TerraformStack(new App(), 'infrastructure');
  addStateBackend(stack, examplePlan({ state: parseState(state) }), '/states');
  return (JSON.parse(Testing.synth(stack)) as { terraform: { backend: unknown } }).terraform.backend;
};

describe('O-5 the backend of the state, without any credential', () => {
  test('a file', () => {
    expect(backendOf('local')).toEqual({ local: { path: '/states/infrastructure.tfstate' } });
  });

  test('a schema of PostgreSQL for each stack', () => {
    expect(backendOf('postgres')).toEqual({ pg: { schema_name: 'infrastructure' } });
  });

  test('an object of S3, with a lock beside it', () => {
    expect(backendOf('s3://states/home?region=eu-central-1')).toEqual({
      s3: {
        ...{ bucket: 'states', key: 'home/infrastructure.tfstate', region: 'eu-central-1' },
        ...{ encrypt: true, use_lockfile: true },
      },
    });
  });

  test('an object of another store, which is asked for nothing that Amazon alone has', () => {
    expect(backendOf('s3://states?endpoint=https://minio.home.arpa:9000')).toEqual({
      s3: {
        ...{ bucket: 'states', key: 'infrastructure.tfstate', region: 'us-east-1' },
        ...{ encrypt: false, use_lockfile: true, use_path_style: true },
        endpoints: { s3: 'https://minio.home.arpa:9000' },
        skip_credentials_validation: true,
        skip_metadata_api_check: true,
        skip_region_validation: true,
        skip_requesting_account_id: true,
        skip_s3_checksum: true,
      },
    });
  });
});
