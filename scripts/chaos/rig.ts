import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accessToken } from '@fenxiao/embedded/access-token';
import { readRunning, readSecrets, type Running } from '@fenxiao/embedded/data-folder';
import { freePort } from '@fenxiao/embedded/ports';
import { isAlive, stillRuns } from '@fenxiao/embedded/processes';
import { answers } from '@fenxiao/embedded/programs';
import type { Secrets } from '@fenxiao/embedded/secrets';
import { startKafka, type RunningKafka } from '@fenxiao/testing/kafka';
import { until } from '@fenxiao/testing/wait';
import { Pool } from 'pg';
import { connect, rows } from '../../services/analytics/src/store.js';
import { remove, root, startStack, type Stack } from '../stack/stack.js';

/** What a disk of the rig holds when it is not full. */
const DISK = '3g';

/** The whole stack as users start it, with its processes, its two databases and, where this machine can, a disk of its own. */
export class Rig {
  readonly #tokens = new Map<string, { token: string; until: number }>();
  #pool: Pool | undefined;
  #saidBefore = '';

  private constructor(
    private stack: Stack,
    readonly data: string,
    /** why the disk can't be made full, if so */
    readonly noDisk: string | undefined,
    private readonly env: Record<string, string>,
    private readonly secrets: Secrets,
    private readonly accounts: ReadonlyMap<string, string>,
    /** the broker that keeps the log; undefined: PostgreSQL does */
    readonly kafka: Broker | undefined,
  ) {}

  /** Starts the demonstration, a fiftieth of it, on a folder of its own. */
  static async start({ seed, onDisk, withKafka }: { seed: string; onDisk: boolean; withKafka: boolean }): Promise<Rig> {
    const kafka = withKafka ? await Broker.start() : undefined;
    const data = await mkdtemp(join(tmpdir(), 'fenxiao-chaos-'));
    const noDisk = onDisk ? 'the data are to lie on the real disk' : mount(data);
    const env = {
      DEMO_SEED: seed,
      DEMO_SCALE: '0.02',
      DEMO_ORDERS: '5',
      REQUESTS_PER_MINUTE: '1000000',
      ...kafka?.environment,
    };
    try {
      // The same ports after every restart, and below those that outgoing connections are given.
      const port = await freePort(18_000 + (process.pid % 500) * 20);
      const stack = await startStack(data, ['--port', String(port)], env);
      const accounts = JSON.parse(await readFile(join(data, 'demonstration-accounts.json'), 'utf8')) as {
        login: string;
        sub: string;
      }[];
      const subs = new Map(accounts.map(({ login, sub }) => [login, sub]));
      return new Rig(stack, data, noDisk, env, await readSecrets(data), subs, kafka);
    } catch (error) {
      if (!noDisk) unmount(data);
      await remove(data);
      await kafka?.end();
      throw error;
    }
  }

  get url(): string {
    return this.stack.url;
  }

  /** What the supervisor said after its start. */
  get said(): string {
    return this.#saidBefore + this.stack.output.split('Ctrl-C stops it.\n').at(-1)!;
  }

  async running(): Promise<Running> {
    return (await readRunning(this.data))!;
  }

  async pid(name: string): Promise<number> {
    return (await this.running()).processes[name]!.pid;
  }

  /** Every process there is to be runs and says it is ready. @returns the names of those that do not */
  async notReady(): Promise<string[]> {
    const { processes, ports } = await this.running();
    const asked = Object.entries(processes).map(async ([name, known]) => {
      const path = { clickhouse: '/ping', gateway: '/docs', postgresql: undefined, supervisor: undefined };
      const ask = name in path ? path[name as keyof typeof path] : '/health/ready';
      const ready = stillRuns(known) && (!ask || (await answers(`http://127.0.0.1:${ports[name]}${ask}`)));
      return ready ? [] : [name];
    });
    return (await Promise.all(asked)).flat();
  }

  /** An access token of a demonstration account; the same one for some minutes. */
  async token(login: string): Promise<string> {
    const known = this.#tokens.get(login);
    if (known && known.until > Date.now()) return known.token;
    const token = await accessToken(this.secrets.identity, `${this.url}/auth`, this.accounts.get(login)!);
    this.#tokens.set(login, { token, until: Date.now() + 8 * 60_000 });
    return token;
  }

  /** As PostgreSQL's superuser. */
  async pool(): Promise<Pool> {
    if (!this.#pool) {
      const { ports } = await this.running();
      const { superuser } = this.secrets.postgres;
      const url = `postgres://postgres:${superuser}@127.0.0.1:${ports['postgresql']}/fenxiao`;
      this.#pool = new Pool({ connectionString: url, max: 4, application_name: 'chaos' });
      this.#pool.on('error', () => {});
    }
    return this.#pool;
  }

  async sql<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await (await this.pool()).query<Row>(text, [...values])).rows;
  }

  async clickhouse(): Promise<{ url: string; username: string; password: string }> {
    const { ports } = await this.running();
    const { analytics: password } = this.secrets.clickhouse;
    return { url: `http://127.0.0.1:${ports['clickhouse']}`, username: 'analytics', password };
  }

  /**
   * A second process of a service, told the same as the first: they share the work.
   * @returns it, when it is ready
   */
  async rival(name: string): Promise<ChildProcess> {
    const told = await readFile(`/proc/${await this.pid(name)}/environ`, 'utf8');
    const pairs = told.split('\0').filter((pair) => pair && !/^(NODE_CHANNEL|PORT=)/.test(pair));
    const env = Object.fromEntries(pairs.map((pair) => [pair.split('=', 1)[0]!, pair.slice(pair.indexOf('=') + 1)]));
    const port = await freePort();
    const child = spawn(process.execPath, [join(root, 'services', name, 'dist', 'main.js')], {
      env: { ...env, PORT: String(port) },
      stdio: 'ignore',
    });
    await until(
      `a second ${name}`,
      async () => {
        if (child.exitCode !== null) throw new Error(`a second ${name} ended (${child.exitCode})`);
        return answers(`http://127.0.0.1:${port}/health/ready`);
      },
      180_000,
    );
    return child;
  }

  /** Lets the data folder's disk run full, and leaves no byte free in the end. @returns what makes room again */
  async fillDisk(): Promise<() => void> {
    // As disks do, not in one instant: less than ClickHouse leaves free first, until no merge runs any more.
    this.#shrinkDisk(32 * 1024);
    const store = connect(await this.clickhouse());
    try {
      await until('the merges to end', async () => {
        const [merges] = await rows<{ n: string }>(store, 'SELECT count() AS n FROM system.merges');
        return merges!.n === '0';
      });
    } finally {
      await store.close();
    }
    this.#shrinkDisk(0);
    return () => command('mount', '-o', `remount,size=${DISK}`, this.data);
  }

  /** @param free kilobytes to leave */
  #shrinkDisk(free: number): void {
    for (let attempt = 1; ; attempt++) {
      const { stdout } = spawnSync('df', ['--output=used', '-k', this.data], { encoding: 'utf8' });
      const size = Number(stdout.split('\n')[1]) + free;
      try {
        return command('mount', '-o', `remount,size=${size}k`, this.data);
      } catch (error) {
        // Somebody has written meanwhile: smaller than what it holds it can't be.
        if (attempt === 50) throw error;
      }
    }
  }

  /** Whether the supervisor has given something up, and all has ended. */
  async hasEnded(): Promise<boolean> {
    const supervisor = (await readRunning(this.data))?.processes['supervisor'];
    return !supervisor || !isAlive(supervisor.pid);
  }

  /** As an operator does who finds it ended. */
  async startAgain(): Promise<void> {
    // Its connections are dead; some may be in somebody's hands.
    void this.#pool?.end();
    this.#pool = undefined;
    this.#saidBefore = this.said;
    this.stack = await startStack(this.data, ['--port', new URL(this.url).port], this.env);
  }

  /** @param keep leaves the data folder as it is */
  async stop(keep = false): Promise<void> {
    void this.#pool?.end();
    await this.stack.stop();
    await this.kafka?.end();
    if (keep) return;
    if (!this.noDisk) unmount(this.data);
    await remove(this.data);
  }
}

/** A real Apache Kafka beside the stack. */
class Broker {
  private constructor(
    private readonly folder: string,
    private running: RunningKafka,
  ) {}

  static async start(): Promise<Broker> {
    const folder = await mkdtemp(join(tmpdir(), 'fenxiao-chaos-kafka-'));
    return new Broker(folder, await startKafka({ folder }));
  }

  get environment(): Record<string, string> {
    return { EVENT_LOG: 'kafka', KAFKA_BROKERS: this.running.broker };
  }

  kill(): Promise<void> {
    return this.running.kill();
  }

  /** Where it was, with what it had. */
  async start(): Promise<void> {
    this.running = await startKafka({ folder: this.folder, port: Number(this.running.broker.split(':')[1]) });
  }

  async end(): Promise<void> {
    await this.running.stop();
    await remove(this.folder);
  }
}

/** @returns why a small disk could not be mounted there, if so */
function mount(folder: string): string | undefined {
  const { status, stderr, error } = spawnSync(
    'mount',
    ['-t', 'tmpfs', '-o', `size=${DISK},mode=755`, 'tmpfs', folder],
    {
      encoding: 'utf8',
    },
  );
  return status === 0 ? undefined : `no tmpfs can be mounted here: ${error?.message ?? stderr.trim()}`;
}

const unmount = (folder: string) => command('umount', folder);

function command(name: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(name, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${name} ${args.join(' ')}: ${stderr}`);
}
