import { LocalBackend, PgBackend, S3Backend, type TerraformStack } from 'cdktf';
import type { ClusterPlan } from '../modules/model/cluster-plan';

/**
 * Where Terraform keeps the state of a stack. Credentials come from the environment of Terraform: AWS_ACCESS_KEY_ID and
 * AWS_SECRET_ACCESS_KEY, PG_CONN_STR.
 * @param folder of local state files; relative to the folder from which Terraform runs
 */
export const addStateBackend = (stack: TerraformStack, { stack: name, state }: ClusterPlan, folder: string): void => {
  if (state.kind === 'local') {
    new LocalBackend(stack, { path: `${folder}/${name}.tfstate` });
    return;
  }
  if (state.kind === 'postgres') {
    // A schema for each stack: each has one state, the workspace `default`.
    new PgBackend(stack, { connStr: '', schemaName: name });
    stack.addOverride('terraform.backend.pg.conn_str', undefined);
    return;
  }
  const { bucket, prefix, region, endpoint } = state;
  const key = [prefix, `${name}.tfstate`].filter((part) => part !== '').join('/');
  new S3Backend(stack, { bucket, key, region, encrypt: endpoint === undefined });
  // A lock as an object beside the state, written on condition that there is none; no DynamoDB. Terraform 1.10.
  const more: Record<string, unknown> = { use_lockfile: true };
  if (endpoint !== undefined) {
    // What Amazon alone has: accounts, STS, metadata, its list of regions, checksums in trailers.
    Object.assign(more, {
      endpoints: { s3: endpoint },
      use_path_style: true,
      skip_credentials_validation: true,
      skip_metadata_api_check: true,
      skip_region_validation: true,
      skip_requesting_account_id: true,
      skip_s3_checksum: true,
    });
  }
  for (const [name, value] of Object.entries(more)) stack.addOverride(`terraform.backend.s3.${name}`, value);
};
