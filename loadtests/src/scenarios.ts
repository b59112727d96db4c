/** How many people come how fast. Rates are journeys begun per second; a journey is three to some twelve requests. */
import type { Options, Scenario, Stage } from 'k6/options';
import { thresholds } from './thresholds.ts';

/** Times every rate: 1 is a machine of two cores with the embedded stack. */
const scale = Number(__ENV['SCALE'] ?? 1);

const stage = (duration: string, perSecond: number): Stage => ({ duration, target: Math.ceil(perSecond * scale) });

const arriving = (startRate: number, stages: Stage[], mostPeople = 200): Scenario => ({
  executor: 'ramping-arrival-rate',
  startRate: Math.ceil(startRate * scale),
  timeUnit: '1s',
  preAllocatedVUs: 20,
  maxVUs: Math.ceil(mostPeople * scale),
  stages,
});

const scenarios = {
  /** Does it work at all. */
  smoke: { executor: 'constant-vus', vus: 1, duration: '30s' },
  /** A usual hour, shortened. */
  average: arriving(1, [stage('1m', 5), stage('5m', 5), stage('30s', 0)]),
  /** The busiest day of the year. */
  stress: arriving(5, [stage('2m', 10), stage('5m', 20), stage('5m', 20), stage('1m', 0)], 600),
  /** Everybody at nine o'clock. */
  spike: arriving(2, [stage('1m', 2), stage('10s', 50), stage('1m', 50), stage('10s', 2), stage('2m', 2)], 1000),
  /** A working day: what leaks or piles up shows. */
  soak: arriving(1, [stage('2m', 4), stage('8h', 4), stage('1m', 0)]),
  /** Ever more until a threshold is crossed, which ends it: the rate then is what the installation bears. */
  breakpoint: arriving(1, [stage('20m', 200)], 2000),
} satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof scenarios;
export const scenarioNames = Object.keys(scenarios) as ScenarioName[];

/** @throws Error naming the scenarios when there is none of that name */
export function optionsFor(name: string | undefined): Options {
  const scenario = scenarioNames.find((one) => one === name);
  if (!scenario) throw new Error(`SCENARIO is one of ${scenarioNames.join(', ')}, not ${name}`);
  return {
    scenarios: { [scenario]: scenarios[scenario] },
    thresholds: thresholds({ abort: scenario === 'breakpoint' }),
    setupTimeout: '60s',
    summaryTrendStats: ['avg', 'min', 'med', 'p(90)', 'p(95)', 'p(99)', 'max'],
    userAgent: 'fenxiao-loadtests',
  };
}
