import { existsSync, readdirSync } from 'node:fs';
import { declaredEvents, type EventContract } from '@fenxiao/contracts/event';
import {
  auditEvents,
  bulkReadEvents,
  documentEvents,
  exportEvents,
  noticeEvents,
  refusal,
} from '@fenxiao/contracts/platform';
import { topics } from '@fenxiao/contracts/topics';
import type { Procedure } from '@fenxiao/procedures/procedure';
import type { AnyBound } from '@fenxiao/service-kit/engine';

/** What the sources of the whole repository declare: the procedures of every service and the events of every topic. */

/** The repository's folder. */
export const root = new URL('../', import.meta.url);

export interface ServiceProcedures {
  readonly service: string;
  readonly procedures: readonly Procedure[];
}

/**
 * The procedures each service exports from `src/procedures.ts`, services in alphabetical order. A service without that
 * file has none.
 */
export async function declaredProcedures(): Promise<ServiceProcedures[]> {
  const services = readdirSync(new URL('services/', root)).toSorted();
  const withProcedures = services.filter((name) => existsSync(new URL(`services/${name}/src/procedures.ts`, root)));
  return Promise.all(
    withProcedures.map(async (service) => {
      const module = (await import(`../services/${service}/src/procedures.js`)) as { procedures?: readonly AnyBound[] };
      if (!module.procedures) throw new Error(`services/${service}/src/procedures.ts exports no "procedures"`);
      return { service, procedures: module.procedures.map((bound) => bound.procedure as Procedure) };
    }),
  );
}

/**
 * Every event contract: those listed in packages/contracts, those derived from the forms of services' procedures, and
 * the platform's, of every service that has a topic. In order of their types.
 */
export async function declaredContracts(): Promise<EventContract[]> {
  const sources = readdirSync(new URL('packages/contracts/src/', root));
  const modules = sources.filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'));
  for (const file of modules) await import(`@fenxiao/contracts/${file.replace(/\.ts$/, '')}`);
  await declaredProcedures();
  for (const topic of Object.keys(topics))
    for (const platform of [refusal, noticeEvents, documentEvents, auditEvents, exportEvents, bulkReadEvents])
      platform(topic.replace(/^fenxiao\./, ''));
  return [...declaredEvents().values()].toSorted((a, b) => (a.type < b.type ? -1 : 1));
}
