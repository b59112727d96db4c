import { existsSync, globSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { EventContract } from '@fenxiao/contracts/event';
import { isId } from '@fenxiao/domain/id';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import ajvFormats from 'ajv-formats';
import { parse } from 'yaml';
import { declaredContracts } from '../declarations.js';
import { folder, plan } from './files.js';
import { faults, isObject, pathOf, type JsonObject } from './schema.js';

const read = (path: string) => readFileSync(new URL(path, folder), 'utf8');
const readJson = (path: string) => JSON.parse(read(path)) as JsonObject;
const files = (pattern: string) => globSync(pattern, { cwd: fileURLToPath(folder) });

describe('the published contracts', () => {
  let contracts: EventContract[];
  let byPath: Map<string, EventContract>;
  beforeAll(async () => {
    contracts = await declaredContracts();
    byPath = new Map(contracts.map((contract) => [pathOf(contract), contract]));
  });

  it('say what the code declares (else run `npm run contracts`)', async () => {
    const { writes, refusals } = await plan();
    expect({ refusals, stale: [...writes.keys()] }).toEqual({ refusals: [], stale: [] });
  });

  it('are not written over what was published and is not compatible, nor over what nobody declares any more', async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'contracts-'));
    try {
      await cp(fileURLToPath(folder), elsewhere, { recursive: true });
      const path = join(elsewhere, 'schemas/orders/order.checked.v1.json');
      await writeFile(path, read('schemas/orders/order.checked.v1.json').replaceAll('"number"', '"orderNumber"'));
      await writeFile(join(elsewhere, 'schemas/orders/order.forgotten.v1.json'), '{}');
      const { refusals } = await plan(pathToFileURL(`${elsewhere}/`));
      expect(refusals).toEqual([
        'fenxiao.orders.order.checked.v1 is not compatible with its published schema:',
        'number: added as required; only optional fields are added',
        'orderNumber: removed or renamed',
        expect.stringContaining('Declare a new version'),
        expect.stringMatching(/^schemas.orders.order\.forgotten\.v1\.json: no code declares this event any more/),
      ]);
    } finally {
      await rm(elsewhere, { recursive: true });
    }
  });

  it('have a contract for every schema and sample ever published', () => {
    const published = files('{schemas,samples}/**/*.json').map((path) =>
      path.replace(/^(schemas|samples).|\.json$/g, ''),
    );
    expect(published.length).toBeGreaterThan(0);
    expect(published.filter((path) => !byPath.has(path))).toEqual([]);
  });

  it('accept their golden samples, as the code reads them and as the schema says', () => {
    for (const path of files('samples/**/*.json')) {
      const sample = readJson(path);
      const contract = byPath.get(path.replace(/^samples.|\.json$/g, ''));
      const read = contract?.data.safeParse(sample['data']);
      const wrong = faults(readJson(path.replace(/^samples/, 'schemas')), sample['data']);
      expect({ path, issues: read?.error?.issues ?? [], wrong }).toEqual({ path, issues: [], wrong: [] });
    }
  });

  it('have golden samples that are whole CloudEvents', () => {
    for (const path of files('samples/**/*.json')) {
      const { id, subject, time, sequence, traceparent, data, ...rest } = readJson(path);
      const contract = byPath.get(path.replace(/^samples.|\.json$/g, ''))!;
      const [type, source] = [contract.type, `/${contract.service}`];
      expect(rest).toEqual({ specversion: '1.0', datacontenttype: 'application/json', type, source });
      expect([id, subject].every((value) => isId(String(value)))).toBe(true);
      expect(new Date(String(time)).toISOString()).toBe(time);
      expect(Number.isInteger(sequence) && Number(sequence) > 0).toBe(true);
      expect(traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
      expect(isObject(data)).toBe(true);
    }
  });

  it('use only keywords that draft-07 reads alike, since AsyncAPI tools do', () => {
    const newer = /"(prefixItems|unevaluated\w+|dependent\w+|\$dynamic\w+|\$anchor|minContains|maxContains)":/;
    const constrained = /"\$ref": "[^"]*",\s*"(?!description|title|ref)/; // draft-07 ignores what stands beside a $ref
    const all = files('schemas/**/*.json').map((path) => ({ path, text: read(path) }));
    expect(all.filter(({ text }) => newer.test(text) || constrained.test(text)).map(({ path }) => path)).toEqual([]);
  });

  describe('as AsyncAPI 3', () => {
    interface Document {
      readonly channels: Record<string, { address: string; messages: Record<string, { $ref: string }> }>;
      readonly components: { messages: Record<string, { name: string; payload: { $ref: string } }> };
    }

    it('are a valid document', () => {
      const official = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0-without-$id.json') as object;
      const ajv = new Ajv({ strict: false, allErrors: true });
      ajvFormats.default(ajv);
      const valid = ajv.compile(official);
      const document = parse(read('asyncapi.yaml')) as Document;
      valid(document);
      expect(valid.errors ?? []).toEqual([]);
      expect(valid({ ...document, channels: { orders: { address: 7 } } })).toBe(false);
    });

    it('name every event once, in the channel of its topic, with a schema that is there', () => {
      const { channels, components } = parse(read('asyncapi.yaml')) as Document;
      const listed = Object.values(channels).flatMap(({ address, messages }) =>
        Object.values(messages).map(({ $ref }) => {
          const { name, payload } = components.messages[$ref.replace('#/components/messages/', '')]!;
          return { topic: address, type: name, there: existsSync(new URL(payload.$ref, folder)) };
        }),
      );
      const expected = contracts.map(({ topic, type }) => ({ topic, type, there: true }));
      const byType = (one: { type: string }, other: { type: string }) => (one.type < other.type ? -1 : 1);
      expect(listed.toSorted(byType)).toEqual(expected.toSorted(byType));
    });
  });
});
