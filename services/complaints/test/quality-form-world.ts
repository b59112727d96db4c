import { noticeEvents } from '@fenxiao/contracts/platform';
import { qualityComplaintFormEvents } from '@fenxiao/contracts/quality-forms';
import { harness, type Member } from '@fenxiao/testing/harness';
import { complaints } from '../src/service.js';
import { aComplaint } from './a-complaint.js';

/** Whoever has a hand in the quality complaint form, and the ways it goes. */
export const path = '/quality-complaint-forms';
type Over = Parameters<typeof aComplaint>[1];
interface Notice {
  kind: string;
  about: string;
  move: string;
  to: { powers: object; unit?: string };
}

/** What a department writes. */
export const section = (department: string) => ({
  department,
  findings: `${department}: seen`,
  measures: `${department}: done`,
});

/** The version of a form as it stands. */
export const ifMatch = async (reader: Member, id: string) => ({
  'if-match': `"${(await reader.get(`${path}/${id}`)).body.version}"`,
});

export type FormWorld = Awaited<ReturnType<typeof formWorld>>;
export async function formWorld(now: string) {
  const h = await harness(complaints, { now });
  const manager = await h.staff('sales-manager');
  const quality = await h.staff('quality-control');
  const technicalHead = await h.staff(['technical-department', 'head-of-department'], { unit: '技术部' });
  const staff = {
    h,
    manager,
    quality,
    technicalHead,
    technical: await h.staff('technical-department'),
    deputy: await h.staff('deputy-general-manager-sales'),
    clerk: await h.staff('sales-support-clerk'),
    seller: await h.staff('salesperson'),
    office: await h.staff('office'),
    keeper: await h.staff('finished-goods-keeper', { unit: '仓储部' }),
    warehouseHead: await h.staff('head-of-department', { unit: '仓储部' }),
  };
  /** what is signed is what it is now */
  const move = async (id: string, name: string, body: object = {}, by: Member = manager) =>
    by.post(`${path}/${id}/${name}`, body, name.startsWith('sign') ? await ifMatch(manager, id) : {});
  /** about a complaint of its own */
  const open = async (over: Over = {}, by: Member = manager) => {
    const complaint = await aComplaint(h, over);
    const { status, body } = await by.post(path, { complaintId: complaint.id, handling: 'Batch B7 is looked at.' });
    if (status !== 201) throw new Error(`not opened: ${body.detail}`);
    return { complaint, id: body.id as string, body };
  };
  const routed = async (departments = ['technical', 'quality'], over: Over = {}) => {
    const opened = await open(over);
    await move(opened.id, 'route', { departments });
    return opened;
  };
  const fillAndSign = async (id: string, department: string, by: Member) => {
    await move(id, 'fill-section', section(department), by);
    return move(id, 'sign-section', { department }, by);
  };
  const signed = async (over: Over = {}) => {
    const form = await routed(['technical', 'quality'], over);
    await fillAndSign(form.id, 'technical', technicalHead);
    await fillAndSign(form.id, 'quality', quality);
    await move(form.id, 'sign', { result: 'Replaced twelve boxes.' });
    return form;
  };
  const factsOf = async (fact: keyof typeof qualityComplaintFormEvents, id: string) =>
    (await h.events(qualityComplaintFormEvents[fact])).filter(({ subject }) => subject === id).map(({ data }) => data);
  const noticesAbout = async (id: string) =>
    (await h.events(noticeEvents('complaints').requested))
      .map(({ data }) => data as never as Notice)
      .filter(({ about }) => about === id);
  return { ...staff, move, open, routed, fillAndSign, signed, factsOf, noticesAbout };
}
