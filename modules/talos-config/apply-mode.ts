/** First Talos whose maintenance mode takes a config with `no_reboot`; older ones answer UNIMPLEMENTED to it. */
const NO_REBOOT_IN_MAINTENANCE = [1, 13] as const;

/**
 * How a config is applied. `no_reboot`: a change that would restart a running node is refused at once, in Talos' own
 * words (InvalidArgument, v1alpha1_server.go of v1.13.9), and nothing else happens; with `auto` Terraform would restart
 * all nodes at the same time. Talos before 1.13 leaves no choice: `auto`.
 *
 * @param talos version without leading `v`, as `1.13.9`
 */
export const applyMode = (talos: string): 'auto' | 'no_reboot' => {
  const [major = 0, minor = 0] = talos.split('.').map(Number);
  const [sinceMajor, sinceMinor] = NO_REBOOT_IN_MAINTENANCE;
  return major > sinceMajor || (major === sinceMajor && minor >= sinceMinor) ? 'no_reboot' : 'auto';
};
