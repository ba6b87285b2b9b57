/**
 * Talos releases that the factory has, oldest first. The public one lists every release; here stands what a
 * rehearsal asks for: the release of a spec, and some to upgrade from and to.
 */
export const TALOS_VERSIONS = [
  'v1.9.0',
  'v1.9.2',
  'v1.10.0',
  'v1.11.0',
  'v1.12.0',
  'v1.13.0',
  'v1.13.8',
  'v1.13.9',
] as const;

export interface ExtensionInfo {
  readonly name: string;
  readonly ref: string;
  /** Empty: the real digests are not known here. */
  readonly digest: string;
  readonly author: string;
  readonly description: string;
}

export interface OverlayInfo {
  readonly name: string;
  readonly image: string;
  readonly ref: string;
  readonly digest: string;
}

/** Names as in siderolabs/extensions; the order is the one in which the factory lists them. */
const EXTENSIONS: readonly string[] = [
  'amd-ucode amdgpu bnx2-bnx2x binfmt-misc btrfs chelsio-drivers cloudflared crun drbd',
  'ecr-credential-provider fuse3 gasket-driver glibc gvisor gvisor-debug hailort hello-world-service i915',
  'intel-ice-firmware intel-ucode iscsi-tools kata-containers lldpd mdadm mei metal-agent nebula netbird newt',
  'nfsd nonfree-kmod-nvidia-lts nut-client nvidia-container-toolkit-lts nvidia-fabric-manager-lts',
  'nvidia-open-gpu-kernel-modules-lts nvme-cli panfrost qemu-guest-agent qlogic-firmware realtek-firmware',
  'revpi-firmware spin stargz-snapshotter tailscale tenstorrent thunderbolt uinput usb-audio-drivers',
  'usb-modem-drivers util-linux-tools v4l-uvc-drivers vc4 vmtoolsd-guest-agent wasmedge xen-guest-agent youki',
  'zerotier zfs',
].flatMap((row) => row.split(' '));

/** Old names that are still taken. Source: siderolabs/image-factory internal/profile, ExtensionNameAlias. */
const ALIASES: Readonly<Record<string, string>> = {
  'siderolabs/v4l-uvc': 'siderolabs/v4l-uvc-drivers',
  'siderolabs/usb-modem': 'siderolabs/usb-modem-drivers',
  'siderolabs/gasket': 'siderolabs/gasket-driver',
  'siderolabs/talos-vmtoolsd': 'siderolabs/vmtoolsd-guest-agent',
  'siderolabs/xe-guest-utilities': 'siderolabs/xen-guest-agent',
  'siderolabs/nvidia-container-toolkit': 'siderolabs/nvidia-container-toolkit-lts',
  'siderolabs/i915-ucode': 'siderolabs/i915',
  'siderolabs/amdgpu-firmware': 'siderolabs/amdgpu',
};

const OVERLAYS: readonly (readonly [name: string, image: string])[] = [
  ['rpi_generic', 'siderolabs/sbc-raspberrypi'],
  ['rock64', 'siderolabs/sbc-rockchip'],
  ['rockpi4', 'siderolabs/sbc-rockchip'],
  ['turingrk1', 'siderolabs/sbc-rockchip'],
  ['jetson_nano', 'siderolabs/sbc-jetson'],
  ['bananapi_m64', 'siderolabs/sbc-allwinner'],
];

/** Extensions of one Talos version. Tags of the real ones are their own versions; the lab gives them Talos' one. */
export const officialExtensions = (talosVersion: string): readonly ExtensionInfo[] =>
  EXTENSIONS.map((name) => ({
    name: `siderolabs/${name}`,
    ref: `ghcr.io/siderolabs/${name}:${talosVersion}`,
    digest: '',
    author: 'Sidero Labs',
    description: '',
  }));

export const officialOverlays = (talosVersion: string): readonly OverlayInfo[] =>
  OVERLAYS.map(([name, image]) => ({ name, image, ref: `ghcr.io/${image}:${talosVersion}`, digest: '' }));

export const hasExtension = (name: string): boolean =>
  EXTENSIONS.includes((ALIASES[name] ?? name).replace(/^siderolabs\//, '')) && name.startsWith('siderolabs/');

export const hasOverlay = (name: string): boolean => OVERLAYS.some(([overlay]) => overlay === name);
