import { DeployPhases, type PhaseState } from './phases';
import type { Screen } from './screen';

const FRAMES = ['|', '/', '-', '\\'];
const REDRAW_MS = 150;

const seconds = (value: number): string => `${value.toFixed(1)} s`;

const liveLine = ({ name, planned, done, startedAt, endedAt }: PhaseState, now: number, screen: Screen): string => {
  const count = planned === 0 ? '' : `${done}/${planned}`;
  const sign =
    endedAt !== undefined
      ? screen.paint('green', '+')
      : startedAt === undefined
        ? ' '
        : (FRAMES[Math.floor(now * 5) % FRAMES.length] ?? '-');
  const took = startedAt === undefined ? '' : seconds((endedAt ?? now) - startedAt);
  const line = `${sign} ${name.padEnd(10)} ${count.padStart(5)} ${took.padStart(8)}`.trimEnd();
  return startedAt === undefined ? screen.paint('grey', line) : line;
};

export interface PhaseView {
  /** A line of the deploy's output. */
  read(line: string): void;
  /** Stops drawing. */
  close(): readonly PhaseState[];
}

/**
 * Shows a deploy phase by phase: on a terminal as a block that is redrawn, elsewhere with a line when a phase begins and
 * one when it has ended.
 * @param planned Terraform addresses of all resources
 * @param now seconds since the deploy began
 */
export const showPhases = (screen: Screen, planned: () => readonly string[], now: () => number): PhaseView => {
  const phases = new DeployPhases(planned, now);
  const draw = (): void => {
    screen.redraw([...phases.states().map((state) => liveLine(state, now(), screen)), `  ${seconds(now())}`]);
  };
  const timer = screen.live ? setInterval(draw, REDRAW_MS) : undefined;
  return {
    read: (line) => {
      const change = phases.read(line);
      if (change === undefined || screen.live) return;
      const states = phases.states();
      const state = states[change.index];
      if (state === undefined) return;
      const label = `[${change.index + 1}/${states.length}] ${state.name}`;
      const count = state.planned > 1 ? ` (${state.planned})` : '';
      if (change.change === 'began') screen.say(`${label}${count}`);
      else
        screen.say(`${label}: done in ${seconds(now() - (state.startedAt ?? 0))}, ${seconds(now())} after the start`);
    },
    close: () => {
      clearInterval(timer);
      if (screen.live) draw();
      screen.settle();
      return phases.states();
    },
  };
};
