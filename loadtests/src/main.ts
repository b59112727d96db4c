/**
 * What k6 runs: `npm run load -- <scenario>` starts it with its environment. SCENARIO, BASE_URL, TOKENS_URL, OUT (a
 * folder), SEED, THINK (times every pause; 0: none), SCALE (times every rate).
 */
import exec from 'k6/execution';
import { journey, readGoods, type Goods } from './mix.ts';
import { Random } from './random.ts';
import { html, text, type Summary } from './report.ts';
import { optionsFor } from './scenarios.ts';

const scenario = __ENV['SCENARIO'];
const seed = __ENV['SEED'] ?? 'fenxiao';

export const options = optionsFor(scenario);

export const setup = (): Promise<Goods> => readGoods();

export default function run(goods: Goods): Promise<void> {
  // the same journeys in the same order, whoever is quicker
  return journey(goods, new Random(`${seed} ${exec.scenario.iterationInTest}`));
}

export function handleSummary(data: Summary): Record<string, string> {
  const out = __ENV['OUT'] ?? '.';
  return {
    stdout: text(scenario ?? '', data),
    [`${out}/summary.json`]: JSON.stringify(data, undefined, 2),
    [`${out}/summary.html`]: html(scenario ?? '', data),
  };
}
