import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Remembers in the data folder with which code each service was migrated last, so that a start on unchanged code need not
 * ask each of them. All compiled code and SQL counts, of the service and of the packages: what a migration does can be anywhere.
 */
export class Migrations {
  readonly #root: string;
  readonly #file: string;
  readonly #packages: string;
  readonly #known: Record<string, string>;
  readonly #current: Record<string, string> = {};

  private constructor(root: string, file: string, packages: string, known: Record<string, string>) {
    this.#root = root;
    this.#file = file;
    this.#packages = packages;
    this.#known = known;
  }

  static async open(root: string, dataFolder: string): Promise<Migrations> {
    const file = join(dataFolder, 'migrations.json');
    const known = existsSync(file) ? (JSON.parse(await readFile(file, 'utf8')) as Record<string, string>) : {};
    const names = await readdir(join(root, 'packages')).catch(() => []);
    const folders = codeOf(names.toSorted((a, b) => a.localeCompare(b)).map((name) => join('packages', name)));
    return new Migrations(root, file, await digest(root, folders), known);
  }

  /** Whether the service has to be migrated. */
  async isNew(service: string): Promise<boolean> {
    this.#current[service] = this.#packages + (await digest(this.#root, codeOf([join('services', service)])));
    return this.#known[service] !== this.#current[service];
  }

  async done(service: string): Promise<void> {
    this.#known[service] = this.#current[service] ?? '';
    await writeFile(this.#file, JSON.stringify(this.#known, undefined, 2), { mode: 0o600 });
  }
}

/** Where the code of workspaces lies that migrations run. */
const codeOf = (workspaces: readonly string[]) =>
  workspaces.flatMap((path) => ['dist', 'migrations', 'clickhouse'].map((folder) => join(path, folder)));

/** SHA-256 over names and contents of the code below the folders. */
async function digest(root: string, folders: string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const folder of folders) {
    const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true }).catch(() => []);
    const files = entries.filter((entry) => entry.isFile() && /\.(m?js|json|sql)$/.test(entry.name));
    for (const path of files.map((entry) => join(entry.parentPath, entry.name)).toSorted()) {
      hash.update(`${path.slice(root.length)}\0`).update(await readFile(path));
    }
  }
  return hash.digest('hex');
}
