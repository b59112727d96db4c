import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fuzz, installSchemathesis, mostMilliseconds, type Campaign } from './schemathesis.js';
import { newFolder, remove, small, startStack, type Stack } from './stack.js';

/**
 * What a schema-driven fuzzer sends: no answer is a fault of ours, and none is missing from the OpenAPI document, by
 * status, type of content, headers or schema; wrong requests are refused, and so are methods and tokens that are none.
 */
const ci = !['', '0', 'false', undefined].includes(process.env['CI']);
const seed = Number(process.env['FUZZ_SEED'] ?? 20_260_310);

/** Everybody sees something else: those who may do most, and some who may do little. Who may end positions comes last. */
const campaigns: readonly Campaign[] = [
  { service: 'orders', login: 'general-manager', examples: 3, only: '^/[a-o]' },
  { service: 'orders', login: 'general-manager', examples: 3, only: '^/[p-z]' },
  { service: 'distributors', login: 'general-manager', examples: 6 },
  { service: 'orders', login: 'order-clerk', examples: 3, only: '^/(orders|shipments|invoices|payments|stocks)' },
  { service: 'complaints', login: 'sales-manager', examples: 2 },
  { service: 'planning', login: 'market-researcher', examples: 6 },
  { service: 'analytics', login: 'general-manager', examples: 15 },
  { service: 'analytics', login: 'salesperson', examples: 10 },
  { service: 'orders', login: 'importer', examples: 20, only: '^/imports' },
  { service: 'console', login: 'importer', examples: 10 },
  { service: 'appraisals', login: 'human-resources', examples: 6 },
];

let stack: Stack;
let data: string;
let program: string | undefined;
beforeAll(async () => {
  const installed = await installSchemathesis();
  if ('missing' in installed) {
    process.stdout.write(`skipped: ${installed.missing}\n`);
    return;
  }
  program = installed.program;
  data = await newFolder();
  stack = await startStack(data, [], { ...small, REQUESTS_PER_MINUTE: '100000000' });
}, 600_000);
afterAll(async () => {
  await stack?.stop();
  if (data) await remove(data);
});

describe(`a fuzzer, from seed ${seed}`, () => {
  // Several at once, as many as jest.e2e.config.js says: each waits half of its time.
  it.concurrent.each(campaigns)(
    'finds nothing in $service as $login',
    async (campaign) => {
      if (!program) return expect(ci).toBe(false);
      const started = performance.now();
      const { operations, test_cases, failures, errors, output } = await fuzz(program, stack, campaign, seed);
      const { generated, unique_failures } = test_cases;
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      process.stdout.write(
        `${campaign.service} as ${campaign.login}: ${generated} requests to ${operations.tested} operations in ${seconds} s, ${unique_failures} failures\n`,
      );
      if (failures.length + errors.length > 0) throw new Error(output);
      expect(operations).toMatchObject({ tested: operations.selected });
      return undefined;
    },
    mostMilliseconds + 30_000,
  );
});
