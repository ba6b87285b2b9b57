import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** One thing that this computer lacks. */
export interface Lack {
  readonly fact: string;
  readonly fix: string;
}

/** How the checks look at the computer; a test gives a made-up one. */
export interface Computer {
  readonly platform: NodeJS.Platform;
  readonly uid: number;
  /** Absolute path of a program, or undefined. */
  find(program: string): string | undefined;
  /** Content of a file under /proc/sys, trimmed, or undefined where the kernel has none. */
  setting(path: string): string | undefined;
  /** Makes throw-away namespaces with a bridge, a link and a mount; the error's text where that fails. */
  trial(): string | undefined;
}

/** Debian leaves these out of a normal user's PATH, and keeps `ip` there. */
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** Programs by the package that has them, as Debian, Fedora, Arch and Alpine call it. */
const PROGRAMS = { iproute2: ['ip'], 'util-linux': ['unshare', 'nsenter', 'setpriv', 'mount'] };

const sysctl = (name: string, value: number): string =>
  `sudo sysctl ${name}=${value} (for good: echo '${name}=${value}' | sudo tee /etc/sysctl.d/60-groundwork.conf), or run as root`;

/** Settings that keep a normal user from making a user namespace. */
const SETTINGS = [
  {
    path: '/proc/sys/kernel/unprivileged_userns_clone',
    refuses: (value: string) => value === '0',
    fact: (value: string) =>
      `unprivileged user namespaces are switched off: kernel.unprivileged_userns_clone is ${value}`,
    fix: sysctl('kernel.unprivileged_userns_clone', 1),
  },
  {
    path: '/proc/sys/user/max_user_namespaces',
    refuses: (value: string) => value === '0',
    fact: (value: string) => `no user namespace is allowed: user.max_user_namespaces is ${value}`,
    fix: sysctl('user.max_user_namespaces', 28633),
  },
  {
    path: '/proc/sys/kernel/apparmor_restrict_unprivileged_userns',
    refuses: (value: string) => value === '1',
    fact: (value: string) =>
      `AppArmor restricts unprivileged user namespaces: kernel.apparmor_restrict_unprivileged_userns is ${value}`,
    fix: sysctl('kernel.apparmor_restrict_unprivileged_userns', 0),
  },
];

/** Everything that this computer lacks for the lab, all at once; nothing is changed. */
export const checkPreconditions = (computer: Computer): readonly Lack[] => {
  if (computer.platform !== 'linux') {
    return [
      {
        fact: `the lab needs Linux, and this is ${computer.platform}: a virtual machine is a network namespace there`,
        fix: 'run it on a Linux computer, in a Linux virtual machine, or in WSL 2',
      },
    ];
  }
  const programs = Object.entries(PROGRAMS).flatMap(([name, wanted]) =>
    wanted
      .filter((program) => computer.find(program) === undefined)
      .map((program) => ({ fact: `program ${program} is not found`, fix: `install the package ${name}` })),
  );
  const settings =
    computer.uid === 0
      ? []
      : SETTINGS.flatMap(({ path, refuses, fact, fix }) => {
          const value = computer.setting(path);
          return value !== undefined && refuses(value) ? [{ fact: fact(value), fix }] : [];
        });
  const known = [...programs, ...settings];
  if (programs.length > 0) return known;
  const words = computer.trial();
  // AppArmor may have a profile that lets this unshare pass: what the trial shows wins over a setting.
  if (words === undefined) return [];
  if (known.length > 0) return known;
  return [
    {
      fact: `namespaces can't be made here: ${words}`,
      fix:
        computer.uid === 0
          ? 'give this container CAP_SYS_ADMIN and CAP_NET_ADMIN, or run on the host itself'
          : 'run as root, or allow unprivileged user namespaces, bridges and veth links',
    },
  ];
};

/** PATH with the folders of system programs at its end. */
export const searchPath = (path: string | undefined): string =>
  [...new Set([...(path ?? '/usr/local/bin:/usr/bin:/bin').split(delimiter), ...SYSTEM_FOLDERS])].join(delimiter);

const TRIAL = [
  'ip link add groundwork0 type bridge',
  'ip link add groundwork1 type veth peer name groundwork2',
  'ip link set groundwork1 master groundwork0',
  'mount -t tmpfs tmpfs /run',
  'ip netns add groundwork',
].join(' && ');

/** Arguments of `unshare` for the lab's namespaces; a normal user needs a user namespace around them. */
export const unshareArguments = (uid: number): readonly string[] => [
  ...(uid === 0 ? [] : ['--user', '--map-root-user']),
  '--mount',
  '--net',
  '--pid',
  '--fork',
  '--kill-child',
  '--mount-proc',
];

/** This computer, as it is. */
export const thisComputer = (): Computer => {
  const path = searchPath(process.env['PATH']);
  const uid = process.getuid?.() ?? -1;
  return {
    platform: process.platform,
    uid,
    find: (program) =>
      path
        .split(delimiter)
        .map((folder) => join(folder, program))
        .find((file) => {
          try {
            accessSync(file, constants.X_OK);
            return true;
          } catch {
            return false;
          }
        }),
    setting: (file) => {
      try {
        return readFileSync(file, 'utf8').trim();
      } catch {
        return undefined;
      }
    },
    trial: () => {
      const result = spawnSync('unshare', [...unshareArguments(uid), 'sh', '-ec', TRIAL], {
        env: { ...process.env, PATH: path },
        encoding: 'utf8',
        timeout: 20_000,
      });
      if (result.status === 0) return undefined;
      return result.error?.message ?? (result.stderr.trim().replace(/\s*\n\s*/g, '; ') || `status ${result.status}`);
    },
  };
};
