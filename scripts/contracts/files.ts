import { existsSync, globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { declaredEvents, type EventContract } from '@fenxiao/contracts/event';
import type { Procedure } from '@fenxiao/procedures/procedure';
import { declaredContracts, declaredProcedures, root } from '../declarations.js';
import { asyncApi } from './asyncapi.js';
import { incompatibilities, type Schema } from './compatibility.js';
import { sampleOf } from './sample.js';
import { pathOf, schemaOf } from './schema.js';

/** The published side of the contracts: schemas, golden samples and the AsyncAPI document, checked in beside them. */
export const folder = new URL('packages/contracts/', root);

export interface Plan {
  /** content of the files that are missing or no longer say what the code declares, by path within that folder */
  readonly writes: ReadonlyMap<string, string>;
  /** why the code may not be published as it stands */
  readonly refusals: readonly string[];
}

/**
 * What has to be written so that the files say what the code declares. A schema changes only compatibly, a sample is
 * made once and then stays, and what was published does not vanish.
 * @param published the folder that holds what was published so far
 */
export async function plan(published = folder): Promise<Plan> {
  const read = (path: string) => textOf(new URL(path, published));
  const contracts = await declaredContracts();
  const procedures = (await declaredProcedures()).flatMap(({ procedures: all }) => all);
  const expected = new Map<string, string>();
  const refusals: string[] = [];
  for (const contract of contracts) {
    const [schema, sample] = [`schemas/${pathOf(contract)}.json`, `samples/${pathOf(contract)}.json`];
    expected.set(schema, json(schemaOf(contract)));
    const before = read(schema);
    if (before && before !== expected.get(schema)) refusals.push(...whyNot(contract, before));
    expected.set(sample, read(sample) ?? json(firstSample(contract, procedures)));
  }
  expected.set('asyncapi.yaml', asyncApi(contracts, release()));
  const vanished = globSync('{schemas,samples}/**/*.json', { cwd: fileURLToPath(published) }).filter(
    (path) => !expected.has(path.replaceAll('\\', '/')),
  );
  refusals.push(...vanished.map((path) => `${path}: no code declares this event any more. ${instead}`));
  const writes = [...expected].filter(([path, content]) => read(path) !== content);
  return { writes: new Map(writes), refusals };
}

const instead =
  'Declare a new version beside the old one; only an event that no release has published yet may change freely: ' +
  'delete its schema and its sample, then run `npm run contracts` again.';

function whyNot(contract: EventContract, published: string): string[] {
  const why = incompatibilities(JSON.parse(published) as Schema, schemaOf(contract));
  return why.length === 0 ? [] : [`${contract.type} is not compatible with its published schema:`, ...why, instead];
}

function firstSample(contract: EventContract, procedures: readonly Procedure[]) {
  const { service, aggregate } = contract;
  const all = [...declaredEvents().values()]; // in the order of declaration, as events follow each other
  const facts = all.filter((other) => other.service === service && other.aggregate === aggregate);
  return sampleOf(contract, procedures.find(publishes(contract)), facts.indexOf(contract) + 1);
}

const publishes = (contract: EventContract) => (procedure: Procedure) =>
  Object.values(procedure.events).some(({ type }) => type === contract.type);

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

const textOf = (file: URL) => (existsSync(file) ? readFileSync(file, 'utf8') : undefined);

const release = () => (JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string }).version;
