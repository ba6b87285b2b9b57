import { ProxmoxPart } from '../e2e/proxmox-part';
import { examplePlan } from '../setup/example-plan';
import { random } from '../setup/random';

const LIMIT_MS = 20 * 60_000;
const seed = Number(process.env['GROUNDWORK_SEED'] ?? 20_261_121);
const KILLS = 20;
/** More than the calls of the whole deploy would be no kill. */
const MOST_CALLS = 60;

describe(`T-10 a deploy whose provider is killed ${KILLS} times (seed ${seed})`, () => {
  let part: ProxmoxPart;
  beforeAll(async () => {
    part = await ProxmoxPart.start(examplePlan());
  }, LIMIT_MS);
  afterAll(() => part.stop());

  test(
    'goes on when it is run again: each VM, disk and image is there once, and nothing is left by a destroy',
    async () => {
      const next = random(seed);
      let whole: readonly string[] | undefined;
      let kills = 0;
      while (kills < KILLS) {
        const calls = 1 + Math.floor(next() * MOST_CALLS);
        const killed = await part.killAfter(calls);
        process.stderr.write(
          `${killed ? `kill ${(kills += 1)}` : 'the deploy ended'} after ${calls} calls of Proxmox\n`,
        );
        if (killed && next() < 0.5) continue; // the next deploy is killed, too
        await part.apply();
        whole ??= part.inventory();
        expect(whole).toHaveLength(3 + 6 + 3);
        expect(part.inventory()).toEqual(whole);
        expect(await part.terraform('plan', '-input=false', '-detailed-exitcode')).toContain('No changes.');
        await part.terraform('destroy', '-input=false', '-auto-approve');
        expect(part.inventory()).toEqual([]);
      }
    },
    LIMIT_MS,
  );
});
