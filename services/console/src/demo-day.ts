import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { Api } from './demo/api.js';
import { accounts } from './demo/day-accounts.js';
import { books } from './demo/day-books.js';
import { complaintStories } from './demo/day-complaints.js';
import { before, goods } from './demo/day-goods.js';
import { morning, Share, type Market, type Theme } from './demo/day-market.js';
import { prices } from './demo/day-prices.js';
import { productionStories } from './demo/day-production.js';
import { quality } from './demo/day-quality.js';
import { Sales } from './demo/day-sales.js';
import { tell, type Stories } from './demo/day-story.js';
import { trials } from './demo/day-trials.js';
import { Random } from './demo/random.js';

/**
 * Started by the embedded stack once the demonstration's accounts can log in: a working day of theirs. Beside the usual
 * orders it tells a story of each procedure, theme by theme. All of it through the API, under the rules, and once: a
 * second run repeats the same requests under the same keys.
 */
const environment = z
  .object({
    GATEWAY_URL: z.url(),
    /** JSON: access tokens by login */
    DEMO_TOKENS: z.string().transform((text) => z.record(z.string(), z.string()).parse(JSON.parse(text))),
    /** the folder in which the morning is kept, beside the list of accounts */
    IDENTITY_DEMO_ACCOUNTS: z.string(),
    DEMO_SEED: z.string().default('fenxiao'),
    DEMO_ORDERS: z.coerce.number().int().min(1).default(60),
  })
  .parse(process.env);

const say = (line: string) => process.stdout.write(`${line}\n`);
const seconds = (since: number) => ((performance.now() - since) / 1000).toFixed(1);

const themes: Readonly<Record<Theme, Stories>> = {
  goods,
  quality,
  prices,
  accounts: { ...accounts, ...books },
  production: { ...productionStories, ...trials },
  complaints: complaintStories,
};

const begin = performance.now();
const api = new Api(environment.GATEWAY_URL, environment.DEMO_TOKENS);
const market = await asItWas();
const sales = new Sales(api, market, new Random(environment.DEMO_SEED).stream('day'));
const tellAll = async (theme: Theme, stories: Stories) => {
  for (const line of await tell(api, new Share(market, theme), stories)) say(`  ${line}`);
  say(`  ${theme}: ${Object.keys(stories).join(', ')}, after ${seconds(begin)} s`);
};
await tellAll('goods', before);
const themed = Object.entries(themes).map(([theme, stories]) => tellAll(theme as Theme, stories));
await Promise.all([sales.run(environment.DEMO_ORDERS), ...themed]);
const told = [...sales.counts].map(([what, n]) => `${n} ${what}`).join(', ');
say(`A working day: ${told}, in ${seconds(begin)} s`);

/** A second run begins with the same morning, whatever the first has sold: so its requests are the same. */
async function asItWas(): Promise<Market> {
  const file = join(dirname(environment.IDENTITY_DEMO_ACCOUNTS), 'demonstration-morning.json');
  const kept = await readFile(file, 'utf8').catch(() => undefined);
  if (kept !== undefined) return JSON.parse(kept) as Market;
  const market = await morning(api);
  await writeFile(file, JSON.stringify(market));
  return market;
}
