import { delegationEvents } from '@fenxiao/contracts/appraisals';
import { batchEvents, returnEvents } from '@fenxiao/contracts/goods';
import { noticeEvents } from '@fenxiao/contracts/platform';
import { qualityDailyEvents } from '@fenxiao/contracts/quality-forms';
import { newId } from '@fenxiao/domain/id';
import { clause } from '@fenxiao/testing/clause';
import { harness, type Harness, type Member } from '@fenxiao/testing/harness';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aComplaint, becomes } from '../../test/a-complaint.js';
import { complaints } from '../service.js';

/** Tuesday 10 March 2026, 10:00 in Shanghai. Tests follow the calendar from there. */
const START = '2026-03-10T02:00:00Z';
let h: Harness;
let clerk: Member, manager: Member, support: Member, quality: Member;
beforeAll(async () => {
  h = await harness(complaints, { now: START });
  [clerk, manager] = [await h.staff('order-clerk'), await h.staff('sales-manager')];
  [support, quality] = [await h.staff('sales-support-clerk'), await h.staff('quality-control')];
}, 60_000);
afterAll(() => h?.close());

const path = '/quality-daily-reports';
const reportOf = async (day: string) => (await clerk.get(`${path}?day=${day}`)).body.items[0];
/** the close of a day: 18:00 in Shanghai */
const close = async (day: string, at = `${day}T10:00:00Z`) => {
  h.time.set(at);
  await h.service.jobs.run('generate-quality-daily', day);
  return reportOf(day);
};
const sign = (id: string, by = clerk, body: object = {}) => by.post(`${path}/${id}/sign`, body);
const factsOf = async (fact: keyof typeof qualityDailyEvents, id: string) =>
  (await h.events(qualityDailyEvents[fact])).filter(({ subject }) => subject === id).map(({ data }) => data);

/** Goods of a return come in. */
const returned = (number: string, quantity: string, complaintId?: string) =>
  h.publish(returnEvents.received, newId(), {
    number,
    shipmentId: newId(),
    shipmentNumber: 'CH-1',
    shippedOn: '2026-03-01',
    orderId: newId(),
    orderNumber: 'XS-1',
    distributorId: newId(),
    distributorCode: 'D1',
    regionId: newId(),
    remedy: 'credit',
    cause: 'shades',
    warehouse: 'MAIN',
    ...(complaintId ? { complaintId } : {}),
    lines: [
      {
        line: 1,
        shipmentLine: 1,
        productId: newId(),
        productCode: 'P1',
        family: 'floor',
        grade: 'A',
        colourNumber: 'C1',
        batch: 'B7',
        quantity,
      },
    ],
  });
const judged = (batch: string, productId: string) =>
  ({ productId, productCode: 'P1', family: 'floor', batch, grade: 'A' }) as const;

describe('C-20 the quality daily report', () => {
  clause(
    'C-20',
    'allowed',
    'complaints by product and cause, returns, batches held; signed by the order clerk',
    async () => {
      const first = await aComplaint(h, { productCode: 'P1', defect: 'crack', cause: 'production' });
      await aComplaint(h, { productCode: 'P1', defect: 'crack', cause: 'transport' });
      const closed = await aComplaint(h, {
        productCode: 'P2',
        defect: 'colour difference',
        createdAt: '2026-03-02T02:00:00Z',
      });
      await aComplaint(h, { productCode: null, defect: 'size', createdAt: '2026-03-02T02:00:00Z' });
      await aComplaint(h, { historic: true });
      await becomes(h, closed, 'archived');
      await returned('TH-1', '3', first.id);
      const [product, freed, batch] = [newId(), newId(), newId()];
      await h.publish(batchEvents.held, newId(), judged('B7', product));
      await h.publish(batchEvents.held, batch, judged('B8', freed));
      await h.publish(batchEvents.released, batch, judged('B8', freed), 2);
      await h.settle();
      const report = await close('2026-03-10');
      expect(report).toMatchObject({
        state: 'generated',
        number: 'ZB-2026-03-10',
        nil: false,
        from: '2026-03-09T10:00:00.000Z',
        to: '2026-03-10T10:00:00.000Z',
        newComplaints: 2,
        openComplaints: 3,
        closedComplaints: 1,
        byProduct: [
          { productCode: 'P1', productName: 'Tile', new: 2, open: 2, closed: 0 },
          { productCode: 'P2', productName: 'Tile', new: 0, open: 0, closed: 1 },
          { productName: 'Tile', new: 0, open: 1, closed: 0 },
        ],
        returns: [{ returnNumber: 'TH-1', productCode: 'P1', batch: 'B7', quantity: '3.000', complaintId: first.id }],
        batchesHeld: [{ productCode: 'P1', batch: 'B7', grade: 'A' }],
      });
      expect(report.byCause).toContainEqual({ defect: 'crack', cause: 'production', new: 1, open: 1, closed: 0 });
      expect(report.byCause).toContainEqual({ defect: 'size', new: 0, open: 1, closed: 0 });
      h.time.set('2026-03-11T01:59:59Z');
      expect((await sign(report.id, clerk, { comment: 'checked' })).body.state).toBe('signed');
      expect((await factsOf('signed', report.id))[0]).toMatchObject({
        onTime: true,
        comment: 'checked',
        newComplaints: 2,
      });
      const page = await quality.get(`${path}/${report.id}/page`);
      for (const text of ['《质量日报表》', 'TH-1', '按产品', '封存批次', '开单员']) expect(page.body).toContain(text);
    },
  );

  clause('C-20', 'refused', 'T18: a signed report is not edited; an adjustment is offered', async () => {
    const { id } = await reportOf('2026-03-10');
    expect((await sign(id)).body).toMatchObject({ status: 409, allowed: ['adjust'], rule: 'C-20' });
    const adjust = (over: object = {}, by = clerk) =>
      by.post(`${path}/${id}/adjust`, { item: 'returned', difference: '-1', cause: 'counted twice', ...over });
    expect((await adjust({ difference: '0.000' })).body.code).toBe('complaints.quality-daily.nothing-to-adjust');
    expect((await adjust({}, manager)).status).toBe(403);
    const { body } = await adjust({ document: 'TH-1' });
    expect(body).toMatchObject({
      state: 'adjusted',
      returns: [{ quantity: '3.000' }],
      adjustments: [{ adjustedOn: '2026-03-11', item: 'returned', difference: '-1', document: 'TH-1' }],
    });
    expect((await factsOf('adjusted', id))[0]).toMatchObject({ adjustment: { difference: '-1' } });
    // signed, and each adjustment
    await adjust({ difference: '2' });
    const { items } = (await clerk.get(`/archive?subject=${id}`)).body;
    expect(items.map(({ version }: { version: number }) => version)).toEqual([3, 2, 1]);
    const { content } = (await clerk.get(`/archive/${items[0].id}`)).body;
    expect(content.record.adjustments).toMatchObject([{ difference: '-1' }, { difference: '2' }]);
  });

  clause('C-20', 'refused', 'nobody signs but the order clerk, not even who acts for the manager', async () => {
    const report = await close('2026-03-11');
    const form = {
      absentId: manager.id,
      delegateId: support.id,
      reason: 'trip',
      until: '2026-03-30T00:00:00.000Z',
    } as never;
    await h.publish(delegationEvents.started, newId(), { state: 'started', form });
    await h.settle();
    for (const by of [manager, support, quality]) expect((await sign(report.id, by)).status).toBe(403);
    expect((await sign(report.id, support)).body).toMatchObject({ rule: 'X-05' });
    expect((await clerk.post(path, { day: '2026-03-11' })).status).toBe(405);
    expect((await sign(report.id)).body.state).toBe('signed');
  });

  clause('C-20', 'boundary', 'logged at the close itself is of the day, a moment later of the next', async () => {
    await aComplaint(h, { defect: 'edge', createdAt: '2026-03-12T10:00:00.000Z' });
    await aComplaint(h, { defect: 'edge', createdAt: '2026-03-12T10:00:00.001Z' });
    const edge = ({ byCause }: { byCause: { defect: string; new: number; open: number }[] }) =>
      byCause.find(({ defect }) => defect === 'edge');
    expect(edge(await close('2026-03-12', '2026-03-12T10:01:00Z'))).toMatchObject({ new: 1, open: 1 });
    expect(edge(await close('2026-03-13'))).toMatchObject({ new: 1, open: 2 });
    // still being written at the close: in the next report, once
    await aComplaint(h, { defect: 'late', createdAt: '2026-03-13T09:59:59Z' });
    const late = ({ byCause }: { byCause: { defect: string; new: number }[] }) =>
      byCause.find(({ defect }) => defect === 'late')!.new;
    expect(late(await close('2026-03-16'))).toBe(1);
    expect(late(await close('2026-03-17'))).toBe(0);
  });

  clause(
    'C-20',
    'boundary',
    'signed by 10:00 of the next working day, the clerk reminded at 9:48; then it is missed, and the manager told',
    async () => {
      const friday = await close('2026-03-20');
      const noticesOf = async (kind: string) =>
        (await h.events(noticeEvents('complaints').requested))
          .map(({ data }) => data as never as { kind: string; about: string; to: { powers: object } })
          .filter((notice) => notice.kind === kind && notice.about === friday.id);
      h.time.set('2026-03-23T01:47:59.999Z');
      await h.service.clocks.tick();
      expect(await noticesOf('reminder')).toEqual([]);
      h.time.set('2026-03-23T01:48:00Z');
      await h.service.clocks.tick();
      expect(await noticesOf('reminder')).toMatchObject([{ to: { powers: { 'order-clerk': 'all' } } }]);
      h.time.set('2026-03-23T01:59:59.999Z');
      await h.service.clocks.tick();
      expect(await factsOf('missed', friday.id)).toEqual([]);
      h.time.set('2026-03-23T02:00:00Z');
      await h.service.clocks.tick();
      await until('it to be missed', async () => (await factsOf('missed', friday.id)).length === 1);
      expect((await noticesOf('breach'))[0]!.to.powers).toHaveProperty('sales-manager');
      expect((await sign(friday.id)).body.state).toBe('signed');
      expect((await factsOf('signed', friday.id))[0]).toMatchObject({ onTime: false });
    },
  );

  it('is made and signed on a nil day, and for every day missed', async () => {
    await h.pool.query(
      `UPDATE complaint SET state = 'archived', entered_at = '2026-03-24T02:00:00Z' WHERE NOT historic`,
    );
    await h.pool.query('DELETE FROM known_held_batch');
    await close('2026-03-24');
    const nil = await close('2026-03-26');
    expect(await reportOf('2026-03-25')).toMatchObject({ nil: true, newComplaints: 0, returns: [], batchesHeld: [] });
    expect(nil).toMatchObject({ nil: true, from: '2026-03-25T10:00:00.000Z' });
    expect((await sign(nil.id)).body.state).toBe('signed');
    expect((await factsOf('signed', nil.id))[0]).toMatchObject({ nil: true });
  });
});
