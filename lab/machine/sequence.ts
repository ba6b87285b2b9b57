import type { MachineEvents } from './machine-events';

/** One step of a sequence, with Talos' names for its phase and task. */
export interface Phase {
  readonly phase: string;
  readonly task: string;
  readonly run: () => void | Promise<void>;
  /** True: a failure is logged, and the next phase runs. */
  readonly optional?: boolean;
}

export interface SequenceInput {
  /** As `reset`. */
  readonly name: string;
  readonly phases: readonly Phase[];
  readonly events: MachineEvents;
  readonly actorId: string;
  readonly log: (line: string) => void;
}

/**
 * Runs phases one after the other and tells of each, as Talos' sequencer does; a client that follows a reset waits
 * for the task `stopAllServices`. Rejects with the first failure, which ends the sequence.
 */
export const runSequence = async ({ name, phases, events, actorId, log }: SequenceInput): Promise<void> => {
  log(`${name} sequence: ${phases.length} phase(s)`);
  events.publish('SequenceEvent', { sequence: name, action: 'START' }, actorId);
  for (const { phase, task, run, optional } of phases) {
    events.publish('PhaseEvent', { phase, action: 'START' }, actorId);
    events.publish('TaskEvent', { task, action: 'START' }, actorId);
    try {
      await run();
    } catch (fault) {
      const message = `task ${task}: ${(fault as Error).message}`;
      log(`${name} sequence: ${message}`);
      if (optional !== true) {
        events.publish('SequenceEvent', { sequence: name, action: 'NOOP', error: { code: 'FATAL', message } }, actorId);
        events.publish('SequenceEvent', { sequence: name, action: 'STOP', error: { code: 'FATAL', message } }, actorId);
        throw fault;
      }
    }
    events.publish('TaskEvent', { task, action: 'STOP' }, actorId);
    events.publish('PhaseEvent', { phase, action: 'STOP' }, actorId);
  }
  events.publish('SequenceEvent', { sequence: name, action: 'STOP' }, actorId);
};
