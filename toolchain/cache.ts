import { createHash } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** What is known of one file of an artifact. */
export interface FileRecord {
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  readonly mtimeMs: number;
}

/** Stands beside the files of an artifact as artifact.json. */
export interface ArtifactRecord {
  /** By path relative to the artifact's folder. */
  readonly files: Readonly<Record<string, FileRecord>>;
  /** How it was made: `go1.26.8`, or the registry that it came from. */
  readonly madeBy: string;
  readonly seconds: number;
}

/** An artifact that is in the cache. */
export interface Artifact {
  readonly folder: string;
  readonly record: ArtifactRecord;
}

/**
 * Finished artifacts by name and key. An artifact is there as a whole or not at all: it is made in a draft folder
 * beside its place, and moved there when its checksums are written.
 */
export class ArtifactCache {
  constructor(readonly root: string) {}

  /** Log of the step that made, or tried to make, the artifact. */
  logFile(name: string): string {
    mkdirSync(join(this.root, 'logs'), { recursive: true });
    return join(this.root, 'logs', `${name}.log`);
  }

  /** The artifact if it is there and none of its files has another size or date than recorded. Takes microseconds. */
  find(name: string, key: string): Artifact | undefined {
    const folder = this.folder(name, key);
    const record = this.record(folder);
    if (record === undefined) return undefined;
    const intact = Object.entries(record.files).every(([file, known]) => {
      const seen = statSync(join(folder, file), { throwIfNoEntry: false });
      return seen?.size === known.size && hasDate(seen, known);
    });
    return intact ? { folder, record } : undefined;
  }

  /**
   * The artifact if every byte is as recorded. Takes about 1 s for 1 GB. Files that a copy gave another date are taken
   * with it; a damaged artifact is removed, so that it is made again.
   */
  async verify(name: string, key: string): Promise<Artifact | undefined> {
    const folder = this.folder(name, key);
    const record = this.record(folder);
    if (record === undefined) return undefined;
    for (const [file, { sha256 }] of Object.entries(record.files)) {
      const path = join(folder, file);
      if (existsSync(path) && (await sha256Of(path)) === sha256) continue;
      rmSync(folder, { recursive: true });
      return undefined;
    }
    for (const [file, known] of Object.entries(record.files)) {
      const path = join(folder, file);
      if (!hasDate(statSync(path), known)) utimesSync(path, known.mtimeMs / 1000, known.mtimeMs / 1000);
    }
    return { folder, record };
  }

  /**
   * Makes an artifact: `make` fills the draft folder and says how it was done. Where it throws, or the process dies,
   * nothing is left in the artifact's place. Call it only while holding the cache's lock.
   */
  async store(name: string, key: string, make: (draft: string) => Promise<string>): Promise<Artifact> {
    const started = Date.now();
    const folder = this.folder(name, key);
    // Ours alone: the build of a process that was killed may still be writing to its own.
    const draft = `${folder}.draft-${String(process.pid)}`;
    for (const left of this.drafts(name)) rmSync(left, { recursive: true, force: true });
    mkdirSync(draft, { recursive: true });
    try {
      const madeBy = await make(draft);
      const files: Record<string, FileRecord> = {};
      for (const file of filesIn(draft)) {
        const { size, mtimeMs } = statSync(join(draft, file));
        files[file] = { sha256: await sha256Of(join(draft, file)), size, mtimeMs };
      }
      const record: ArtifactRecord = { files, madeBy, seconds: Math.round((Date.now() - started) / 1000) };
      writeFileSync(join(draft, 'artifact.json'), `${JSON.stringify(record, null, 1)}\n`);
      rmSync(folder, { recursive: true, force: true });
      renameSync(draft, folder);
      return { folder, record };
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  }

  private record(folder: string): ArtifactRecord | undefined {
    const file = join(folder, 'artifact.json');
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as ArtifactRecord) : undefined;
  }

  private drafts(name: string): string[] {
    const place = join(this.root, 'artifacts', name);
    if (!existsSync(place)) return [];
    return readdirSync(place).flatMap((entry) => (entry.includes('.draft-') ? [join(place, entry)] : []));
  }

  private folder(name: string, key: string): string {
    return join(this.root, 'artifacts', name, key);
  }
}

/** Whole seconds: a cache that was packed and unpacked keeps no more. */
const hasDate = (seen: { readonly mtimeMs: number }, { mtimeMs }: FileRecord): boolean =>
  Math.trunc(seen.mtimeMs / 1000) === Math.trunc(mtimeMs / 1000);

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

const sha256Of = async (file: string): Promise<string> => {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
};
