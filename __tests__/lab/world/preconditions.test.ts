import { checkPreconditions, searchPath, unshareArguments, type Computer } from '../../../lab/world/preconditions';

const computer = (change: Partial<Computer> = {}): Computer => ({
  platform: 'linux',
  uid: 1000,
  find: (program) => `/usr/bin/${program}`,
  setting: () => undefined,
  trial: () => undefined,
  ...change,
});

/** A kernel where a setting has a value and everything else is as usual; namespaces fail. */
const restricted = (path: string, value: string): Computer =>
  computer({ setting: (asked) => (asked === path ? value : undefined), trial: () => 'Operation not permitted' });

describe('preconditions of the lab', () => {
  test('nothing lacks where the trial succeeds', () => {
    expect(checkPreconditions(computer())).toEqual([]);
  });

  test('another system than Linux is the only thing that is said', () => {
    expect(checkPreconditions(computer({ platform: 'darwin', find: () => undefined }))).toEqual([
      {
        fact: 'the lab needs Linux, and this is darwin: a virtual machine is a network namespace there',
        fix: 'run it on a Linux computer, in a Linux virtual machine, or in WSL 2',
      },
    ]);
  });

  test('every missing program and every setting at once', () => {
    const lacks = checkPreconditions(
      computer({
        find: (program) => (['ip', 'setpriv'].includes(program) ? undefined : `/usr/bin/${program}`),
        setting: (path) => (path === '/proc/sys/user/max_user_namespaces' ? '0' : undefined),
      }),
    );
    expect(lacks.map(({ fact }) => fact)).toEqual([
      'program ip is not found',
      'program setpriv is not found',
      'no user namespace is allowed: user.max_user_namespaces is 0',
    ]);
    expect(lacks[0]?.fix).toBe('install the package iproute2');
    expect(lacks[1]?.fix).toBe('install the package util-linux');
  });

  test.each([
    [
      '/proc/sys/kernel/unprivileged_userns_clone',
      '0',
      'unprivileged user namespaces are switched off: kernel.unprivileged_userns_clone is 0',
      'sudo sysctl kernel.unprivileged_userns_clone=1',
    ],
    [
      '/proc/sys/kernel/apparmor_restrict_unprivileged_userns',
      '1',
      'AppArmor restricts unprivileged user namespaces: kernel.apparmor_restrict_unprivileged_userns is 1',
      'sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0',
    ],
  ])('%s = %s is named, with the command that allows it', (path, value, fact, command) => {
    const [lack, ...others] = checkPreconditions(restricted(path, value));
    expect(others).toEqual([]);
    expect(lack?.fact).toBe(fact);
    expect(lack?.fix.startsWith(`${command} `)).toBe(true);
    expect(lack?.fix.endsWith(', or run as root')).toBe(true);
  });

  test('a setting that an AppArmor profile lifts for unshare is no lack', () => {
    const path = '/proc/sys/kernel/apparmor_restrict_unprivileged_userns';
    expect(checkPreconditions({ ...restricted(path, '1'), trial: () => undefined })).toEqual([]);
  });

  test('settings of normal users say nothing about root', () => {
    const lacks = checkPreconditions({ ...restricted('/proc/sys/user/max_user_namespaces', '0'), uid: 0 });
    expect(lacks).toEqual([
      {
        fact: "namespaces can't be made here: Operation not permitted",
        fix: 'give this container CAP_SYS_ADMIN and CAP_NET_ADMIN, or run on the host itself',
      },
    ]);
  });

  test('an unknown reason is given in the words of the failed trial', () => {
    expect(checkPreconditions(computer({ trial: () => 'ip: Unknown device type' }))).toEqual([
      {
        fact: "namespaces can't be made here: ip: Unknown device type",
        fix: 'run as root, or allow unprivileged user namespaces, bridges and veth links',
      },
    ]);
  });

  test('a normal user needs a user namespace, root none', () => {
    const rest = ['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc'];
    expect(unshareArguments(0)).toEqual(rest);
    expect(unshareArguments(1000)).toEqual(['--user', '--map-root-user', ...rest]);
  });

  test('folders of system programs are searched last, and once', () => {
    expect(searchPath('/home/me/bin:/usr/sbin:/bin')).toBe('/home/me/bin:/usr/sbin:/bin:/usr/local/sbin:/sbin');
    expect(searchPath(undefined)).toBe('/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin');
  });
});
