import { showPhases } from '../../../lab/rehearsal/phase-view';
import { createScreen, type Screen } from '../../../lab/rehearsal/screen';

const capture = (): { readonly text: () => string; write(text: string): void } => {
  let all = '';
  return {
    text: () => all,
    write: (text) => {
      all += text;
    },
  };
};

const PLANNED = ['helm_release.cilium', 'proxmox_virtual_environment_vm.a', 'proxmox_virtual_environment_vm.b'];

describe('what a rehearsal writes', () => {
  let data: ReturnType<typeof capture>;
  let status: ReturnType<typeof capture>;
  const screenOf = (live: boolean, colours: boolean): Screen => {
    data = capture();
    status = capture();
    return createScreen({ data, status, live, colours });
  };

  test('progress and result go to streams of their own', () => {
    const screen = screenOf(false, false);
    screen.say('cdktf deploy');
    screen.print('{}');
    expect([data.text(), status.text()]).toEqual(['{}\n', 'cdktf deploy\n']);
  });

  test('colours only where they are wanted', () => {
    expect(screenOf(true, true).paint('green', 'PASS')).toBe('\x1b[32mPASS\x1b[0m');
    expect(screenOf(true, false).paint('green', 'PASS')).toBe('PASS');
  });

  test('without a terminal a phase is one line when it begins and one when it has ended', () => {
    let time = 0;
    const view = showPhases(
      screenOf(false, false),
      () => PLANNED,
      () => time,
    );
    time = 2;
    view.read('infrastructure  proxmox_virtual_environment_vm.a (a/Vm): Creating...');
    view.read('infrastructure  proxmox_virtual_environment_vm.b (b/Vm): Creating...');
    time = 5.25;
    view.read('infrastructure  proxmox_virtual_environment_vm.a (a/Vm): Creation complete after 3s [id=1]');
    view.read('infrastructure  proxmox_virtual_environment_vm.b (b/Vm): Creation complete after 3s [id=2]');
    view.read('infrastructure  helm_release.cilium (Cilium): Creating...');
    expect(view.close().find(({ name }) => name === 'VMs')).toEqual({
      name: 'VMs',
      planned: 2,
      done: 2,
      startedAt: 2,
      endedAt: 5.25,
    });
    expect(status.text()).toBe('[2/8] VMs (2)\n[2/8] VMs: done in 3.3 s, 5.3 s after the start\n[6/8] Cilium\n');
  });

  test('on a terminal the block is redrawn in place', () => {
    let time = 0;
    const view = showPhases(
      screenOf(true, false),
      () => PLANNED,
      () => time,
    );
    time = 1;
    view.read('infrastructure  helm_release.cilium (Cilium): Creating...');
    time = 3;
    view.read('infrastructure  helm_release.cilium (Cilium): Creation complete after 2s [id=cilium]');
    view.close();
    expect(status.text().split('\n')).toEqual([
      '  images',
      '  VMs          0/2',
      '  configs',
      '  bootstrap',
      '  API',
      '+ Cilium       1/1    2.0 s',
      '  nodes',
      '  Flux',
      '  3.0 s',
      '',
    ]);
  });

  test('a second drawing goes over the first, until it is settled', () => {
    const screen = screenOf(true, false);
    screen.redraw(['one', 'two']);
    screen.redraw(['three']);
    screen.settle();
    screen.redraw(['four']);
    expect(status.text()).toBe('one\ntwo\n\x1b[2A\x1b[Jthree\nfour\n');
  });
});
