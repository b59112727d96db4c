import 'reflect-metadata';
import { hasTopic } from '@fenxiao/contracts/topics';
import { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { firstThatKnows } from '@fenxiao/domain/holidays';
import type { Trouble } from '@fenxiao/messaging/event-log';
import { PreparedClient } from '@fenxiao/messaging/prepared-client';
import { Sequencer } from '@fenxiao/messaging/sequencer';
import { EventLogServer } from '@fenxiao/messaging/transport';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import { MikroORM, PostgreSqlDriver, type EntityClass, type EntitySchema } from '@mikro-orm/postgresql';
import { Module, type DynamicModule, type Provider, type Type } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, NestFactory, Reflector } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { LogController, type FastifyInstance } from 'fastify';
import { Pool } from 'pg';
import type { Logger } from 'pino';
import type { z } from 'zod';
import { system } from './actor.js';
import { AuditController } from './audit-routes.js';
import { AuthGuard, Tokens } from './auth.js';
import { BulkReads } from './bulk-reads.js';
import { Archive, ArchiveController } from './archive-routes.js';
import { personalKeysOf } from './personal-keys.js';
import { CalendarProjection, DeclaredDays } from './calendar.js';
import { ClockRunner } from './clock-runner.js';
import { Commands } from './commands.js';
import { holidaysOf, readConfig, type BaseConfig } from './config.js';
import { DescriptionController, HealthController, Lifecycle, PROCEDURES } from './describing.js';
import { guardDoor, serverOptions } from './door.js';
import type { AnyBound, Bound } from './engine.js';
import { openEventLog, openPublisher } from './event-log.js';
import { ExportLog } from './export-log.js';
import { Exports } from './exports.js';
import { FormDocument } from './forms.js';
import { importController, type AnyLoader } from './imports.js';
import { Jobs, type Job } from './jobs.js';
import { JobsController } from './jobs-routes.js';
import { logger, NestLogger } from './logging.js';
import { Maintenance } from './maintenance.js';
import { openApi } from './openapi.js';
import { pageController, Pages } from './pages.js';
import { People, PeopleProjection } from './people.js';
import { PowersController } from './powers-controller.js';
import { ProblemFilter } from './problem.js';
import { Reads } from './reads.js';
import { Regulations, RegulationsProjection } from './regulations.js';
import { procedureController } from './routes.js';
import { Tracing } from './tracing.js';
import { verifyAudit } from './verify-audit.js';
import { Transactions, type TimeSource, type Work } from './work.js';

/** What one service is: its procedures, its own tables, its handlers. Everything else comes from the kit. */
export interface ServiceDefinition<Config extends BaseConfig = BaseConfig> {
  readonly name: string;
  /** `baseConfig`, extended with what only this service is told */
  readonly config: z.ZodType<Config>;
  readonly procedures: readonly AnyBound[];
  /** tables of its own beside those of the procedures */
  readonly entities?: readonly (EntityClass<unknown> | EntitySchema)[];
  /** HTTP controllers, and controllers with `@On(...)` handlers */
  readonly controllers?: readonly Type[];
  readonly providers?: readonly Provider[];
  /** SELECTs of `(id, name)`: what people call the things its subjects refer to by id, for printed pages */
  readonly names?: readonly string[];
  /** scheduled work; a service with a topic also verifies its audit */
  readonly jobs?: readonly Job[];
  /** what it takes from the import, by kind */
  readonly loaders?: readonly AnyLoader[];
  /** folders of numbered SQL */
  readonly migrations: readonly string[];
  /** runs once the database and the log are reachable, before requests are taken */
  readonly prepare?: (context: ServiceContext<Config>) => Promise<void>;
}

export interface ServiceContext<Config extends BaseConfig = BaseConfig> {
  readonly config: Config;
  readonly transactions: Transactions;
  readonly calendar: BusinessCalendar;
  readonly logger: Logger;
}

export interface RunningService {
  readonly url: string;
  readonly app: NestFastifyApplication;
  readonly transactions: Transactions;
  readonly sequencer: Sequencer;
  readonly clocks: ClockRunner;
  readonly jobs: Jobs;
  /** Not ready, then no new requests, then the work in hand, then the connections. */
  close(): Promise<void>;
}

/** Injection token of the service's configuration. */
export const CONFIG = Symbol('config');
export const CALENDAR = Symbol('calendar');
export const LOGGER = Symbol('logger');
/** Of the event log as this process reads it; the kit closes it. */
export const EVENT_LOG = Symbol('event log');

/** Starts a service; resolves when it listens and its consumers run. */
export async function startService<Config extends BaseConfig>(
  definition: ServiceDefinition<Config>,
  env: NodeJS.ProcessEnv = process.env,
  time: TimeSource = { now: () => new Date() },
): Promise<RunningService> {
  const { name, procedures } = definition;
  const config = readConfig(definition.config, env);
  requireOwnEvents(name, procedures);
  const log = logger(name, config.LOG_LEVEL);
  const trouble = (error: unknown) => log.error({ err: error }, 'background work failed, will be tried again');

  const orm = await connectOrm(definition, config);
  const pool = new Pool({
    connectionString: config.DATABASE_URL,
    max: 2,
    options: searchPath(name),
    application_name: `${name} sequencer`,
    Client: PreparedClient,
  });
  pool.on('error', trouble);
  const sequencer = new Sequencer(pool, name);
  const eventLog = openEventLog(name, config);
  const sql = {
    query: async <Row extends object>(text: string, values: readonly unknown[] = []) =>
      (await pool.query<Row>(text, [...values])).rows,
  };
  const holidays = holidaysOf(config);
  const declaredDays = new DeclaredDays(sql, holidays);
  const calendar = new BusinessCalendar({
    timeZone: config.TIME_ZONE,
    holidays: firstThatKnows(declaredDays, holidays),
  });
  const transactions = new Transactions(orm, time, calendar, config, sequencer, name);
  const tell =
    (what: string) =>
    ({ topic, part, error, stopped }: Trouble) =>
      (stopped ? log.fatal : log.warn).call(
        log,
        { err: error, topic, part },
        stopped ? `${what} stopped` : `${what} retries`,
      );
  const publisher = openPublisher(name, config, eventLog, sql, tell('publisher'));
  const people = new People(
    sql,
    () => time.now(),
    (at) => calendar.dateOf(at),
  );
  const commands = new Commands(transactions, name);
  const bulkReads = new BulkReads(transactions, config.BULK_READ_LIMIT, trouble, name);
  const personalKeys = personalKeysOf(config);
  const reads = new Reads(orm, bulkReads, personalKeys);
  const clocks = new ClockRunner(transactions, procedures, trouble);
  const maintenance = new Maintenance({
    transactions,
    sql,
    eventLog,
    publisher,
    keepDays: config.EVENT_LOG_KEEP_DAYS,
    onTrouble: trouble,
  });
  const exportLog = new ExportLog(transactions, name);
  const archive = new Archive({ sql, procedures, calendar, commands, exportLog, transactions, service: name });
  const pages = new Pages({
    reads,
    orm,
    sql,
    calendar,
    config,
    now: () => time.now(),
    names: definition.names ?? [],
  });
  const jobs = new Jobs({
    service: name,
    jobs: [...(hasTopic(name) ? [verifyAudit] : []), ...(definition.jobs ?? [])],
    transactions,
    calendar,
    sql,
    db: { executeSql: (text, values) => pool.query(text, values) },
    pollSeconds: config.JOBS_POLL_SECONDS,
    lostSeconds: config.JOBS_LOST_SECONDS,
    log,
    onTrouble: trouble,
  });
  const lifecycle = new Lifecycle(sql);
  const tracing = await Tracing.start(name, config.OTEL_EXPORTER_OTLP_ENDPOINT);
  const tokens = new Tokens({
    issuer: config.OIDC_ISSUER,
    audience: config.OIDC_AUDIENCE,
    jwksUri: config.OIDC_JWKS_URI ?? `${config.OIDC_ISSUER.replace(/\/$/, '')}/jwks`,
  });

  const module: DynamicModule = {
    module: ServiceModule,
    global: true,
    controllers: [
      HealthController,
      DescriptionController,
      PowersController,
      ArchiveController,
      PeopleProjection,
      RegulationsProjection,
      CalendarProjection,
      JobsController,
      AuditController,
      ...(definition.controllers ?? []),
      ...procedures.map(procedureController),
      ...procedures.map(pageController),
      ...(definition.loaders ?? []).map(importController),
    ],
    providers: [
      { provide: CONFIG, useValue: config },
      { provide: CALENDAR, useValue: calendar },
      { provide: LOGGER, useValue: log },
      { provide: EVENT_LOG, useValue: eventLog },
      { provide: PROCEDURES, useValue: procedures },
      { provide: MikroORM, useValue: orm },
      { provide: Transactions, useValue: transactions },
      { provide: Commands, useValue: commands },
      { provide: Archive, useValue: archive },
      { provide: Reads, useValue: reads },
      { provide: Pages, useValue: pages },
      { provide: Jobs, useValue: jobs },
      { provide: Exports, useValue: new Exports(commands, reads, exportLog) },
      { provide: BulkReads, useValue: bulkReads },
      { provide: People, useValue: people },
      { provide: Regulations, useValue: new Regulations(sql) },
      { provide: Lifecycle, useValue: lifecycle },
      { provide: Maintenance, useValue: maintenance },
      { provide: APP_FILTER, useClass: ProblemFilter },
      {
        provide: APP_GUARD,
        useFactory: (reflector: Reflector) => new AuthGuard(reflector, tokens, people, tracing),
        inject: [Reflector],
      },
      ...(definition.providers ?? []),
    ],
  };

  const adapter = new FastifyAdapter({
    ...serverOptions(config),
    requestIdHeader: 'x-request-id',
    trustProxy: config.TRUSTED_PROXIES,
    loggerInstance: log,
    logController: new LogController({
      disableRequestLogging: !log.isLevelEnabled('debug'),
      requestIdLogLabel: 'requestId',
    }),
  } as ConstructorParameters<typeof FastifyAdapter>[0]);
  const door = guardDoor(adapter.getInstance<FastifyInstance>());
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: new NestLogger(log),
    bufferLogs: false,
    // Fastify reads JSON; Nest would add forms.
    bodyParser: false,
  });
  tracing.follow(adapter.getInstance<FastifyInstance>());
  await app.register(helmet, { contentSecurityPolicy: false });
  await app.register(rateLimit as never, {
    max: config.REQUESTS_PER_MINUTE,
    timeWindow: '1 minute',
    keyGenerator: (request: { headers: Record<string, string>; ip: string }) =>
      request.headers['authorization'] ?? request.ip,
  });
  app.enableShutdownHooks([]);
  openApi(app, name);

  const strategy = new EventLogServer<Work>({
    log: eventLog,
    group: name,
    sql,
    now: () => time.now(),
    around: (event, work, run) =>
      tracing.handling(event, async (traceparent) => {
        work.traceparent = traceparent;
        await run();
      }),
    transaction: (run) => transactions.run(system, run),
    onTrouble: tell('consumer'),
  });
  app.connectMicroservice({ strategy }, { inheritAppConfig: true });

  await personalKeys.begin(sql);
  await declaredDays.begin();
  await definition.prepare?.({ config, transactions, calendar, logger: log });
  sequencer.start(trouble);
  await publisher?.start();
  await app.startAllMicroservices();
  maintenance.consumes = strategy.topics;
  await app.init();
  door.refuseOtherMethods();
  await app.listen(config.PORT, config.HOST);
  clocks.start();
  declaredDays.start(transactions, procedures, trouble);
  await jobs.start();
  maintenance.start();
  bulkReads.start();
  lifecycle.ready = true;
  const address = app.getHttpServer().address() as { port: number };
  log.info({ port: address.port }, 'listening');

  const close = async () => {
    lifecycle.ready = false;
    await clocks.close();
    await declaredDays.close();
    await jobs.close(config.SHUTDOWN_GRACE_MS);
    await maintenance.close();
    // Stops taking requests and events and finishes those in hand; a client that holds a socket open can't delay it.
    const patience = setTimeout(() => app.getHttpServer().closeAllConnections(), config.SHUTDOWN_GRACE_MS);
    await app.close().finally(() => clearTimeout(patience));
    await bulkReads.close();
    await sequencer.close();
    await publisher?.close();
    await eventLog.close();
    await pool.end();
    await orm.close(true);
    await tracing.close();
  };
  return { url: `http://${config.HOST}:${address.port}`, app, transactions, sequencer, clocks, jobs, close };
}

@Module({})
class ServiceModule {}

/** A service publishes on its own topic only. @throws Error naming the procedure that does not */
function requireOwnEvents(service: string, procedures: readonly AnyBound[]): void {
  for (const { procedure } of procedures as readonly Bound[])
    for (const { type, service: owner } of Object.values(procedure.events))
      if (owner !== service)
        throw new Error(`${procedure.name} of ${service} would publish ${type}, which belongs to ${owner}`);
}

/** A service sees its own schema first; times are printed in UTC. */
const searchPath = (service: string) => `-c search_path=${service},public -c timezone=UTC`;

async function connectOrm(
  definition: Pick<ServiceDefinition, 'name' | 'procedures' | 'entities'>,
  config: BaseConfig,
): Promise<MikroORM> {
  const entities = [
    FormDocument,
    ...definition.procedures.map(({ entity }) => entity as EntityClass<unknown>),
    ...(definition.entities ?? []),
  ];
  const orm = await MikroORM.init({
    driver: PostgreSqlDriver,
    clientUrl: config.DATABASE_URL,
    entities: [...new Set(entities)] as never,
    pool: { min: 2, max: config.DATABASE_POOL },
    driverOptions: {
      options: searchPath(definition.name),
      application_name: definition.name,
      Client: PreparedClient,
    },
    forceUtcTimezone: true,
    discovery: { warnWhenNoEntities: false },
    schemaGenerator: { disableForeignKeys: true },
  });
  await orm.connect();
  return orm;
}
