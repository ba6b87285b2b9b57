/** What differs between Talos versions, asked by name. Source: siderolabs/talos at v1.9.2, v1.12.0 and v1.13.9. */
export class TalosVersion {
  /** @throws Error where `tag` is not a version as `v1.13.9` */
  static parse(tag: string): TalosVersion {
    const match = /^v(\d+)\.(\d+)\.\d+(-[0-9A-Za-z.-]+)?$/.exec(tag);
    if (match === null) throw new Error(`Talos version "${tag}" is not a version: write it as v1.13.9`);
    return new TalosVersion(tag, Number(match[1]) * 1000 + Number(match[2]));
  }
  private constructor(
    readonly tag: string,
    private readonly order: number,
  ) {}

  /**
   * Why Talos' installer of this version refuses a disk that runs `host`, in its words: two minor versions up and one down
   * are taken. Source: pkg/machinery/compatibility/talos_version.go and talos19 to talos114.
   */
  againstUpgradeFrom(host: TalosVersion): string | undefined {
    const [from, to] = [host.tag.slice(1), this.tag.slice(1)];
    if (host.order < this.order - 2) return `host version ${from} is too old to upgrade to Talos ${to}`;
    if (host.order > this.order + 1) return `host version ${from} is too new to downgrade to Talos ${to}`;
    return undefined;
  }
  /** From 1.13 apid serves a machine without a config too, and every caller is a reader; before, a small server of its own did. */
  apidServesMaintenance(): boolean {
    return this.order >= 1013;
  }
  /** From 1.13 Bootstrap on a worker is UNIMPLEMENTED, as any other call that only control planes know. */
  bootstrapOnWorkerIsUnimplemented(): boolean {
    return this.order >= 1013;
  }
}
