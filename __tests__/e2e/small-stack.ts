/**
 * A stack with the product's backend, around what needs no provider: a secret, and, where asked for, a step that hangs, at
 * once or when the state has the secret. As a program it is what cdktf runs in place of main.ts; the state and the folder
 * of local ones come by the environment.
 */
import { App, DataResource, TerraformOutput, TerraformStack } from 'cdktf';
import { parseState } from '../../modules/model/state';
import { SavedState } from '../../modules/talos-cluster/saved-state';
import { addStateBackend } from '../../stacks/state-backend';
import { protectStateFiles } from '../../stacks/state-files';
import { examplePlan } from '../setup/example-plan';

export interface SmallStackOptions {
  /** As in a spec. */
  readonly state: string;
  /** Of local states. */
  readonly folder: string;
  /** Left out: nothing hangs. */
  readonly hangs?: 'at once' | 'when saved';
}

class SmallStack extends TerraformStack {
  constructor(app: App, { state, folder, hangs }: SmallStackOptions) {
    super(app, 'infrastructure');
    addStateBackend(this, examplePlan({ state: parseState(state) }), folder);
    const secret = new DataResource(this, 'Secret');
    secret.addOverride('input', 'known to the state alone'); // any value, but cdktf's type wants an object
    new TerraformOutput(this, 'secret', { value: secret.output, sensitive: true });
    if (hangs === undefined) return;
    const after = hangs === 'at once' ? [] : [new SavedState(this, 'Saved', { made: secret, id: secret.id }).saved];
    const provisioners = [{ type: 'local-exec', command: 'sleep 600' } as const];
    new DataResource(this, 'Slow', { dependsOn: after, provisioners });
  }
}

/** @param outdir cdktf's; left out: CDKTF_OUTDIR of the environment */
export const writeSmallStack = (options: SmallStackOptions, outdir?: string): void => {
  const app = new App(outdir === undefined ? {} : { outdir });
  new SmallStack(app, options);
  if (options.state === 'local') protectStateFiles(options.folder, 'infrastructure');
  app.synth();
};

if (require.main === module) {
  const { SMALL_STATE: state = '', SMALL_FOLDER: folder = '' } = process.env;
  writeSmallStack({ state, folder });
}
