import { DataResource, type ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';

/**
 * A state that is not a file is saved at most once in so many seconds, and at the end. Source: Terraform's
 * internal/backend/local, `defaultPersistInterval`, counted from the first resource that is made.
 */
const SAVED_EVERY_SECONDS = 20;

export interface SavedStateProps {
  /** What the state must have. */
  readonly made: ITerraformDependable;
  /** An attribute of it that changes when it is made anew. */
  readonly id: string;
}

/**
 * Done when a state elsewhere than in a file has what cannot be made again: it waits for as long as Terraform may keep
 * it to itself, and Terraform saves the state before it goes on. Only where it is made; VMs and images take longer
 * anyway, and are made meanwhile.
 */
export class SavedState extends Construct {
  readonly saved: ITerraformDependable;

  constructor(scope: Construct, id: string, { made, id: attribute }: SavedStateProps) {
    super(scope, id);
    this.saved = new DataResource(this, 'Resource', {
      triggersReplace: { made: attribute },
      dependsOn: [made],
      provisioners: [{ type: 'local-exec', command: `node -e "setTimeout(() => {}, ${SAVED_EVERY_SECONDS * 1000})"` }],
    });
  }
}
