import { program } from '../../../platform/cli';

/** Run as a process of its own, as the platform is ESM: prints the help of every command, by its name. */
const helps = program.commands.map((command) => {
  let help = '';
  command.configureOutput({ writeOut: (text) => void (help += text) }).outputHelp();
  return [`platform ${command.name()}`, help] as const;
});
process.stdout.write(JSON.stringify(Object.fromEntries(helps)));
