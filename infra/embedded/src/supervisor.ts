import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isLoopback } from './addresses.js';
import { openDataFolder, type DataFolder, type Running } from './data-folder.js';
import { prepareDatabase } from './database.js';
import { accessToken } from './access-token.js';
import { DemonstrationAccounts, demonstrationPassword } from './identity/demonstration.js';
import type { IdentityMessage } from './identity/main.js';
import { Migrations } from './migrations.js';
import { builtServices, Plan, type StackOptions } from './plan.js';
import { startPostgres } from './postgres.js';
import { ProcessLog } from './process-log.js';
import { remember } from './processes.js';
import { ownModule, startProgram, startServer, type RunningProcess, type RunningProgram } from './programs.js';
import { Unit } from './unit.js';

/** In the order in which they are started; stopped in the other. */
const order = ['postgresql', 'clickhouse', 'identity', 'service', 'gateway'] as const;
type Kind = (typeof order)[number];

/** Everything that runs on one machine, from the data folder to the gateway. */
export class Stack {
  /** Settles when something that the rest can't do without has been given up. */
  readonly failed: Promise<Error>;
  readonly #options: StackOptions;
  readonly #units: { kind: Kind; unit: Unit }[] = [];
  readonly #jobs = new Set<RunningProcess>();
  readonly #logs: ProcessLog[] = [];
  readonly #processes: Running['processes'] = { supervisor: remember(process.pid) };
  #data!: DataFolder;
  #plan!: Plan;
  #stopping: Promise<void> | undefined;
  #fail!: (error: Error) => void;
  #writing: Promise<void> = Promise.resolve();
  #identity: RunningProgram | undefined;
  #firstAdministratorLink: string | undefined;

  constructor(options: StackOptions) {
    this.#options = options;
    this.failed = new Promise((done) => (this.#fail = done));
  }

  /** What browsers call the gateway. */
  get url(): string {
    return this.#plan.url;
  }

  /** Resolves when everything is ready. @throws when something can't be started; what was started is stopped then */
  async start(): Promise<void> {
    try {
      await this.#start();
    } catch (error) {
      const wanted = this.#stopping !== undefined;
      await this.stop();
      if (!wanted) throw error;
    }
  }

  /** Stops everything in order and gives the data folder free. */
  stop(): Promise<void> {
    return (this.#stopping ??= this.#stop());
  }

  /** Ends all processes at once, for someone who will not wait. */
  kill(): void {
    for (const job of this.#jobs) job.kill();
    for (const { unit } of this.#units) unit.kill();
  }

  async #start(): Promise<void> {
    const { root, data, content, host, say } = this.#options;
    const begin = Date.now();
    const services = builtServices(root);
    this.#data = await openDataFolder(data, { services, content });
    say(`Fenxiao starts on data folder ${this.#data.path}`);
    if (!isLoopback(host) && this.#data.format.content === 'demonstration') throw new Error(publicPassword(host));
    this.#plan = await Plan.make(this.#options, this.#data, services);
    await Promise.all([
      this.#step('PostgreSQL', () => this.#startPostgres()).then(() =>
        this.#step('identity', () => this.#startIdentity()),
      ),
      this.#step('ClickHouse', () => this.#startClickHouse()),
    ]);
    await this.#migrate();
    if (services.length > 0) {
      await this.#step(services.join(', '), () => Promise.all(services.map((name) => this.#startService(name))));
    }
    await this.#step('gateway', () => this.#startGateway());
    await this.#writing;
    if (this.#stopping) return;
    say(`Ready after ${((Date.now() - begin) / 1000).toFixed(1)} s`);
    await this.#demonstrate();
    await this.#welcome();
  }

  async #stop(): Promise<void> {
    for (const kind of [...order].reverse()) {
      if (kind === 'service') await Promise.all([...this.#jobs].map((job) => job.stop()));
      await Promise.all(this.#units.filter((entry) => entry.kind === kind).map(({ unit }) => unit.stop()));
    }
    await this.#writing;
    for (const log of this.#logs) log.close();
    await this.#data?.clearRunning();
    this.#data?.close();
  }

  async #startPostgres(): Promise<void> {
    const log = this.#log('postgresql');
    const options = {
      folder: join(this.#data.path, 'postgres'),
      port: this.#plan.ports['postgresql'] ?? 0,
      superPassword: this.#data.secrets.postgres.superuser,
      onLog: (text: string) => log.write(text),
    };
    await this.#unit('postgresql', 'postgresql', log, () => startPostgres(options));
    await prepareDatabase(this.#plan.superuserUrl('postgres'), this.#data.secrets.postgres.roles);
  }

  #startClickHouse(): Promise<void> {
    const script = this.#options.clickhouse ?? ownModule('clickhouse/main');
    return this.#server('clickhouse', 'clickhouse', script, this.#plan.forClickHouse(), '/ping');
  }

  #startIdentity(): Promise<void> {
    const script = ownModule('identity/main');
    return this.#server('identity', 'identity', script, this.#plan.forIdentity(), '/health/ready', (running) => {
      this.#identity = running;
      running.child.on('message', ({ firstAdministratorLink }: IdentityMessage) => {
        if (!firstAdministratorLink) return;
        // One that started anew has made a new link, and the one shown before no longer holds.
        if (this.#firstAdministratorLink) this.#sayLink(firstAdministratorLink);
        this.#firstAdministratorLink = firstAdministratorLink;
      });
    });
  }

  #startService(name: string): Promise<void> {
    const environment = this.#plan.forService(name);
    return this.#server('service', name, this.#plan.script(name, 'main'), environment, '/health/ready');
  }

  #startGateway(): Promise<void> {
    const log = this.#log('gateway');
    const program = { script: ownModule('gateway'), environment: this.#plan.forGateway(), log };
    return this.#unit('gateway', 'gateway', log, async (signal) => {
      const running = startProgram(program, signal);
      // It says so itself when it listens: asking it over TLS would need its certificate.
      const ready = new Promise<undefined>((done) => running.child.once('message', () => done(undefined)));
      const ended = await Promise.race([ready, running.exited]);
      if (ended !== undefined) throw new Error(ended);
      return running;
    });
  }

  async #migrate(): Promise<void> {
    const migrations = await Migrations.open(this.#options.root, this.#data.path);
    for (const name of this.#plan.services) {
      if (!(await migrations.isNew(name))) continue;
      await this.#step(`migrations of ${name}`, () =>
        this.#job(`${name}-migrate`, this.#plan.script(name, 'main'), ['migrate'], this.#plan.forMigration(name)),
      );
      await migrations.done(name);
    }
  }

  /** Loads the demonstration data into a folder made for it. When that fails, the next start tries again. */
  async #demonstrate(): Promise<void> {
    const { format, writeFormat } = this.#data;
    const script = this.#plan.script('console', 'demo');
    if (format.loaded || this.#stopping || !existsSync(script)) return;
    await this.#step('demonstration data', async () => {
      await this.#job('demonstration', script, [], this.#plan.forDemonstration(), true);
      if (existsSync(this.#plan.demonstrationAccounts)) await this.#demonstrateDay();
      await writeFormat({ ...format, loaded: true });
    });
  }

  /** The accounts can log in from now on, and have been at work. */
  async #demonstrateDay(): Promise<void> {
    await this.#loadDemonstrationAccounts();
    const { identity } = this.#data.secrets;
    const tokens: Record<string, string> = {};
    for (const { login, sub } of await this.#demonstrationAccounts())
      tokens[login] = await accessToken(identity, `${this.#plan.url}/auth`, sub);
    const script = this.#plan.script('console', 'demo-day');
    const environment = { ...this.#plan.forDemonstration(), DEMO_TOKENS: JSON.stringify(tokens) };
    await this.#job('demonstration', script, [], environment, true);
  }

  async #demonstrationAccounts() {
    const text = await readFile(this.#plan.demonstrationAccounts, 'utf8');
    return DemonstrationAccounts.parse(JSON.parse(text));
  }

  #loadDemonstrationAccounts(): Promise<void> {
    return new Promise((done, fail) => {
      this.#identity?.child.on('message', ({ demonstrationAccounts }: IdentityMessage) => {
        if (demonstrationAccounts === 'loaded') done();
        else if (demonstrationAccounts) fail(new Error(`identity: ${demonstrationAccounts}`));
      });
      this.#identity?.child.send('load-demonstration-accounts');
    });
  }

  async #welcome(): Promise<void> {
    if (this.#stopping) return;
    const { say } = this.#options;
    say('');
    say(`  Viewer and console   ${this.url}/`);
    say(`  API documentation    ${this.url}/docs`);
    say(`  Accounts             ${this.url}/auth/admin`);
    const file = this.#plan.demonstrationAccounts;
    if (this.#data.format.content === 'demonstration' && existsSync(file)) {
      const accounts = await this.#demonstrationAccounts();
      say(`  Demonstration accounts, password ${demonstrationPassword}:`);
      for (const { login, name, role } of accounts) say(`    ${login.padEnd(24)} ${role}, ${name}`);
    }
    if (this.#firstAdministratorLink) this.#sayLink(this.#firstAdministratorLink);
    say('  Ctrl-C stops it.');
  }

  #sayLink(link: string): void {
    this.#options.say('  Choose the password of the account "administrator" here (once, within 24 hours):');
    this.#options.say(`    ${link}`);
  }

  /** A process that is kept running. Resolves when it is ready for the first time. */
  async #unit(
    kind: Kind,
    name: string,
    log: ProcessLog,
    launch: (signal: AbortSignal) => Promise<RunningProcess>,
  ): Promise<void> {
    const { say } = this.#options;
    let started = false;
    const onReady = ({ pid }: RunningProcess) => {
      if (started) say(`${name} runs again (pid ${pid})`);
      started = true;
      this.#processes[name] = remember(pid);
      this.#note();
    };
    const onGivenUp = (error: Error) => {
      say(error.message);
      // One service less is better than none; without any of the others nothing works.
      if (kind !== 'service') this.#fail(error);
    };
    const unit = new Unit({ name, log, launch, say, onReady, onGivenUp });
    this.#units.push({ kind, unit });
    if (!this.#stopping) await unit.start();
  }

  #server(
    kind: Kind,
    name: string,
    script: string,
    environment: Record<string, string>,
    readyPath: string,
    onStarted?: (running: RunningProgram) => void,
  ): Promise<void> {
    const log = this.#log(name);
    const readyUrl = this.#plan.at(name) + readyPath;
    return this.#unit(kind, name, log, (signal) =>
      startServer({ script, environment, log }, readyUrl, signal, onStarted),
    );
  }

  /** A program that is to end by itself. @throws with its last words when it does not end well */
  async #job(
    name: string,
    script: string,
    args: string[],
    environment: Record<string, string>,
    shown = false,
  ): Promise<void> {
    if (this.#stopping) return;
    const log = this.#log(name, shown);
    const job = startProgram({ script, args, environment, log });
    this.#jobs.add(job);
    const reason = await job.exited;
    this.#jobs.delete(job);
    if (reason !== 'exit code 0') {
      throw new Error(`${name} failed (${reason}):\n${log.lastLines()}\n(all of it: ${log.file})`);
    }
  }

  async #step(name: string, action: () => Promise<unknown>): Promise<void> {
    const begin = Date.now();
    await action();
    if (!this.#stopping) this.#options.say(`${((Date.now() - begin) / 1000).toFixed(2).padStart(6)} s  ${name}`);
  }

  #log(name: string, shown = this.#options.verbose ?? false): ProcessLog {
    const log = new ProcessLog(join(this.#data.path, 'logs'), name, shown ? this.#options.say : undefined);
    this.#logs.push(log);
    return log;
  }

  /** Writes run.json, one writing after the other. */
  #note(): void {
    const running = { url: this.url, ports: this.#plan.ports, processes: { ...this.#processes } };
    this.#writing = this.#writing.then(() => this.#writeRunning(running));
  }

  /** Again and again while the disk does not take it: everything else may well go on. */
  async #writeRunning(running: Running): Promise<void> {
    let told = false;
    while (!this.#stopping) {
      try {
        return await this.#data.writeRunning(running);
      } catch (error) {
        if (!told) this.#options.say(`run.json can't be written: ${String(error)}`);
        told = true;
        await wait(500);
      }
    }
  }
}

const publicPassword = (host: string) =>
  `The accounts of the demonstration have a public password, so the gateway may not listen on ${host}: ` +
  'leave out --listen, or use --empty (with --reset if this data folder holds the demonstration).';
