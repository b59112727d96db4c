import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dashboards } from '../src/catalogue.js';
import { startEngine, type TestEngine } from './engine.js';
import { orderEvents } from './orders-data.js';
import { panelRows } from './panel-rows.js';
import { surveyEvents, surveyRegion } from './surveys-data.js';

let engine: TestEngine;
beforeAll(async () => {
  engine = await startEngine();
  await engine.publish([...orderEvents, ...surveyEvents]);
}, 120_000);
afterAll(async () => engine?.close());

const board = dashboards('en').find(({ uid }) => uid === 'fenxiao-satisfaction')!;
const rows = (title: string) => panelRows(engine, board, title, surveyRegion);

describe('satisfaction', () => {
  it('K-Q11: 45 of 50 are 4 or 5 (vector 13); fewer than 30 are flagged', async () => {
    expect(await rows('CSAT')).toEqual([
      { survey: 'delivery', csat: 90, satisfied: 45, sample: '', answers: 50, n: 50 },
      { survey: 'complaint', csat: 50, satisfied: 3, sample: '⚠ n < 30', answers: 6, n: 6 },
    ]);
    expect((await rows('CSAT of each month')).map(({ survey, csat, n }) => [survey, csat, n])).toEqual([
      ['complaint', 0, 3],
      ['complaint', 100, 3],
      ['delivery', 90, 50],
    ]);
    expect((await rows('CSAT by month')).map(({ time: _, ...row }) => row)).toEqual([
      { delivery_csat: 90, complaint_csat: 100, n: 53 },
      { delivery_csat: null, complaint_csat: 0, n: 3 },
    ]);
  });

  it('K-Q12: 27 promoters, 13 passives, 10 detractors are +34, no percentage (vector 12)', async () => {
    expect(await rows('NPS')).toEqual([
      { half_year: '2026-H1', nps: 34, promoters: 27, passives: 13, detractors: 10, sample: '', n: 50 },
    ]);
    expect((await rows('NPS by half-year')).map(({ nps, n }) => [nps, n])).toEqual([[34, 50]]);
  });

  it('K-Q13: answers ÷ handed over', async () => {
    expect(await rows('Response rate')).toEqual([
      { survey: 'complaint', response_rate: 100, delivered: 6, answers: 6, expired: 0, n: 6 },
      { survey: 'delivery', response_rate: 83.33, delivered: 60, answers: 50, expired: 0, n: 60 },
      { survey: 'nps', response_rate: 100, delivered: 50, answers: 50, expired: 0, n: 50 },
    ]);
  });

  it('C-18: scores, who stayed, and what the dissatisfied say', async () => {
    const scores = await rows('Scores');
    expect(scores.map(({ score, n }) => [score, n])).toEqual([
      [10, 20],
      [9, 7],
      [8, 13],
      [6, 9],
      [5, 33],
      [4, 15],
      [3, 6],
      [2, 1],
      [1, 1],
      [0, 1],
    ]);
    expect(scores.find(({ score }) => score === 5)).toMatchObject({ delivery_answers: 30, complaint_answers: 3 });
    // 3 is the mean: no reason to be told of; the quarter before has 91 days, from 31 December on
    expect((await rows('What the dissatisfied say')).map(({ score, comment }) => [score, comment])).toEqual([
      [0, 'never again'],
      [2, 'late'],
    ]);
    expect(await rows('Customer retention')).toEqual([{ retention_rate: 75, kept_customers: 3, n: 4 }]);
  });

  it('shows who has Grafana alone nothing of fewer than five customers', async () => {
    const { rows: found } = await engine.query('dashboards', 'SELECT * FROM surveys_by_month');
    expect(found).toEqual([]);
  });
});
