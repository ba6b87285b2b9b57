import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunCommand } from '../../toolchain/command';
import { findTerraform } from '../../toolchain/terraform-program';
import { temporaryFolder } from './temporary-folder';

const folder = temporaryFolder();

const place = (name: string): string => {
  const file = join(folder(), name);
  writeFileSync(file, '');
  chmodSync(file, 0o755);
  return file;
};

const printing =
  (outputs: Readonly<Record<string, string>>): RunCommand =>
  (command) =>
    Promise.resolve({ status: 0, output: outputs[command] ?? '' });

describe('Terraform on the PATH', () => {
  test('a Terraform that is new enough is taken', async () => {
    const path = place('terraform');
    const search = await findTerraform(printing({ [path]: 'Terraform v1.11.4\non linux_amd64\n' }), { PATH: folder() });
    expect(search).toEqual({ found: { path, product: 'terraform', version: '1.11.4' }, refused: [], named: false });
  });

  test('one that is too old is passed over for OpenTofu', async () => {
    const [old, tofu] = [place('terraform'), place('tofu')];
    const run = printing({ [old]: 'Terraform v1.5.7\n', [tofu]: 'OpenTofu v1.12.6\n' });
    expect(await findTerraform(run, { PATH: folder() })).toEqual({
      found: { path: tofu, product: 'tofu', version: '1.12.6' },
      refused: [`${old} is Terraform 1.5.7: 1.11.0 or newer is needed`],
      named: false,
    });
  });

  test('TERRAFORM_BINARY_NAME allows no other', async () => {
    place('terraform');
    expect(await findTerraform(printing({}), { PATH: folder(), TERRAFORM_BINARY_NAME: 'tofu' })).toEqual({
      refused: ['TERRAFORM_BINARY_NAME is tofu: there is no such command'],
      named: true,
    });
  });

  test('something else by that name is refused with what it said', async () => {
    const path = place('terraform');
    expect((await findTerraform(printing({ [path]: 'hello\n' }), { PATH: folder() })).refused).toEqual([
      `${path} does not say which version it is: it printed "hello"`,
    ]);
  });
});
