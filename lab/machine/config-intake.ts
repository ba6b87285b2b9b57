import { ApiError } from './api/api-error';
import { decideApply, TRY_TIMEOUT_MS, type ApplyDecision, type ApplyRequest } from './apply-mode';
import { MachineConfig } from './machine-config';
import type { Machine } from './machine';

/** Takes configs in by the machine API: one at a time, and none once a restart was decided. */
export class ConfigIntake {
  private busy = false;
  private rebooting = false;
  private rollback: NodeJS.Timeout | undefined;

  constructor(private readonly machine: Machine) {}

  /** @throws ApiError in Talos' words */
  async apply(yaml: string, request: ApplyRequest): Promise<ApplyDecision> {
    if (this.busy) throw new ApiError('FAILED_PRECONDITION', 'another apply configuration is already in progress');
    if (this.rebooting)
      throw new ApiError(
        'FAILED_PRECONDITION',
        'configuration was already applied and node is rebooting, cannot apply more configuration changes until next reboot',
      );
    this.busy = true;
    try {
      return await this.take(yaml, request);
    } finally {
      this.busy = false;
    }
  }

  private async take(yaml: string, request: ApplyRequest): Promise<ApplyDecision> {
    const { machine } = this;
    if (request.mode !== 'TRY') clearTimeout(this.rollback);
    const current = machine.config;
    const verdict = await machine.input.validate(yaml);
    const decision = decideApply(machine.version, request, verdict, current, () => MachineConfig.parse(yaml));
    const { effect } = decision;
    machine.input.log(`apply config request: mode ${request.mode.toLowerCase()}: ${effect}`);
    if (effect === 'take' || effect === 'store' || effect === 'reboot') machine.store.write(yaml);
    if (effect === 'reboot') {
      this.rebooting = true;
      machine.power.reboot('');
    }
    if (effect === 'take' || effect === 'try') this.goOver(MachineConfig.parse(yaml));
    if (effect === 'try') {
      const back = (): void => (current === undefined ? machine.power.reboot('') : this.goOver(current));
      this.rollback = setTimeout(back, request.tryTimeoutMs ?? TRY_TIMEOUT_MS).unref();
    }
    return decision;
  }

  /** Once the reply to the call that brought the config is on its way. */
  private goOver(config: MachineConfig): void {
    setImmediate(() => {
      this.machine.goOver(config).catch((fault: unknown) => {
        this.machine.input.log(`config: ${(fault as Error).stack ?? String(fault)}`);
      });
    });
  }
}
