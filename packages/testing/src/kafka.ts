import { execFile, spawn } from 'node:child_process';
import { access, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from '@fenxiao/embedded/ports';
import { selfSigned, type Tls } from '@fenxiao/embedded/tls';
import { until } from './wait.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));
const pom = join(root, 'infra', 'kafka', 'pom.xml');
const jars = join(root, 'node_modules', '.cache', 'kafka');

export interface RunningKafka {
  /** `host:port` */
  readonly broker: string;
  readonly pid: number;
  /** of a guarded one: its certificate (PEM) */
  readonly ca: string | undefined;
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** In order: what it has accepted is on disk. */
  stop(): Promise<void>;
  /** At once, as if the machine had failed. */
  kill(): Promise<void>;
}

/** What is needed and not installed: Java 17, and Maven, which gets the broker's jars. */
export async function missingForKafka(): Promise<string | undefined> {
  const has = (program: string) =>
    run(program, ['-version']).then(
      () => true,
      () => false,
    );
  const missing = [];
  if (!(await has('java'))) missing.push('java (Debian: openjdk-17-jre-headless)');
  if (!(await has('mvn'))) missing.push('mvn (Debian: maven)');
  return missing.length === 0 ? undefined : `not installed: ${missing.join(' and ')}`;
}

/** Whether tests on a real Kafka can run. They say so aloud where they can't; CI must be able to. @throws in CI */
export async function kafkaAtHand(): Promise<boolean> {
  const missing = await missingForKafka();
  if (!missing) return true;
  if (!['', '0', 'false', undefined].includes(process.env['CI'])) throw new Error(`Kafka is ${missing}`);
  process.stdout.write(`skipped: Kafka is ${missing}\n`);
  return false;
}

/** Who may come, by TLS and SCRAM-SHA-512. */
export interface Guarded {
  readonly username: string;
  readonly password: string;
}

interface Options {
  /** its data; what is there is kept */
  readonly folder: string;
  /** 0 or absent: any free one */
  readonly port?: number;
  /** absent: anybody may come */
  readonly guarded?: Guarded;
}

/**
 * Starts a real Apache Kafka, broker and controller in one process, on 127.0.0.1; resolves when it accepts.
 * @throws Error saying what is not installed, or with what the broker wrote
 */
export async function startKafka({ folder, port = 0, guarded }: Options): Promise<RunningKafka> {
  const missing = await missingForKafka();
  if (missing) throw new Error(`Kafka can't be started: ${missing}`);
  await fetchJars();
  const broker = port || (await freePort());
  const controller = await freePort(broker + 1);
  const data = join(folder, 'data');
  const properties = join(folder, 'server.properties');
  await mkdir(folder, { recursive: true });
  const tls = guarded && (await selfSigned(join(folder, 'tls'), ['127.0.0.1']));
  const guarding = guarded && (await guard(folder, guarded, tls!));
  await writeFile(properties, settings(broker, controller, data) + (guarding ?? unguarded));
  const formatted = await access(join(data, 'meta.properties')).then(
    () => true,
    () => false,
  );
  if (!formatted) {
    const people = guarded ? ['-S', `SCRAM-SHA-512=[name=${guarded.username},password=${guarded.password}]`] : [];
    const format = ['kafka.tools.StorageTool', 'format', '-t', 'ZmVueGlhby1rYWZrYS1vbQ', '-c', properties, ...people];
    await run('java', [...java, ...format]);
  }
  const child = spawn('java', [...java, 'kafka.Kafka', properties], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const hear = (text: Buffer) => (output = (output + text.toString()).slice(-10_000));
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await ended;
  };
  const address = `127.0.0.1:${broker}`;
  await until(
    `Kafka on ${address}`,
    async () => {
      if (child.exitCode !== null) throw new Error(`Kafka did not start:\n${output}`);
      return accepts(broker);
    },
    60_000,
  );
  const ca = tls && (await readFile(tls.cert, 'utf8'));
  return { broker: address, pid: child.pid!, ca, ended, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}

const java = [
  '-Xmx512m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1', // starts in half the time
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  '-cp',
  join(jars, '*'),
];

/** Gets the jars again when pom.xml has changed since. */
async function fetchJars(): Promise<void> {
  const [have, want] = await Promise.all([stat(jars).catch(() => undefined), stat(pom)]);
  if (have && have.mtimeMs > want.mtimeMs) return;
  const fresh = `${jars}-${process.pid}`;
  await run('mvn', ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${fresh}`], {
    maxBuffer: 1e7,
  });
  await rm(jars, { recursive: true, force: true });
  await rename(fresh, jars);
}

const settings = (broker: number, controller: number, data: string) => `
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controller}
controller.listener.names=CONTROLLER
listeners=CLIENTS://127.0.0.1:${broker},CONTROLLER://127.0.0.1:${controller}
inter.broker.listener.name=CLIENTS
log.dirs=${data}
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
`;

const unguarded = `listener.security.protocol.map=CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT
`;

async function guard(folder: string, { username, password }: Guarded, { cert, key }: Tls): Promise<string> {
  const keystore = join(folder, 'keystore.pem');
  await writeFile(keystore, `${await readFile(key, 'utf8')}\n${await readFile(cert, 'utf8')}`, { mode: 0o600 });
  const login = 'org.apache.kafka.common.security.scram.ScramLoginModule';
  return `listener.security.protocol.map=CLIENTS:SASL_SSL,CONTROLLER:PLAINTEXT
ssl.keystore.type=PEM
ssl.keystore.location=${keystore}
ssl.truststore.type=PEM
ssl.truststore.location=${cert}
sasl.enabled.mechanisms=SCRAM-SHA-512
sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
listener.name.clients.scram-sha-512.sasl.jaas.config=${login} required username="${username}" password="${password}";
`;
}

const accepts = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
