import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { distributorEvents } from '@fenxiao/contracts/distributors';
import { productEvents } from '@fenxiao/contracts/prices';
import { newId } from '@fenxiao/domain/id';
import { harness, type Harness, type Member, type Reply } from '@fenxiao/testing/harness';
import { complaints } from '../src/service.js';

/** A small company for tests of after-sales: its people, two regions, a customer in each, a product, a folder for files. */
export interface Company {
  readonly h: Harness;
  readonly folder: string;
  readonly east: string;
  readonly customer: { readonly id: string; readonly code: string };
  readonly westCustomer: { readonly id: string; readonly code: string };
  readonly administrator: Member;
  readonly manager: Member;
  readonly westManager: Member;
  readonly salesGm: Member;
  readonly technical: Member;
  readonly seller: Member;
  readonly clerk: Member;
  readonly distributor: Member;
  /** uploads a file as a browser does */
  upload(
    by: Member,
    path: string,
    bytes: Buffer,
    options?: { name?: string; fields?: Record<string, string>; headers?: Record<string, string> },
  ): Promise<Reply>;
  /** downloads one */
  download(by: Member, path: string): Promise<{ status: number; headers: Headers; bytes: Buffer }>;
  close(): Promise<void>;
}

export async function company(env: Record<string, string> = {}): Promise<Company> {
  const folder = await mkdtemp(join(tmpdir(), 'attachments-'));
  const h = await harness(complaints, { env: { ATTACHMENT_FOLDER: folder, ...env } });
  const [east, west] = [await h.region('EAST'), await h.region('WEST')];
  const customerIn = async (region: string, code: string) => {
    const id = newId();
    await h.publish(distributorEvents.recorded, id, {
      code,
      name: code,
      licence: code,
      partnerType: 'distributor',
      segment: 'regional-distributor',
      class: 'B',
      regionId: region,
      terms: 'credit',
      paymentDays: 30,
      state: 'active',
    });
    return { id, code };
  };
  const [customer, westCustomer] = [await customerIn(east, 'D1'), await customerIn(west, 'D2')];
  await h.publish(productEvents.created, newId(), {
    code: 'P1',
    name: 'Tile',
    specification: '600×600',
    grade: 'A',
    colourNumber: 'C1',
    family: 'floor',
    unit: 'm²',
  });
  await h.settle();
  return {
    h,
    folder,
    east,
    customer,
    westCustomer,
    administrator: await h.staff('sales-administrator'),
    manager: await h.staff('regional-manager', { regionId: east }),
    westManager: await h.staff('regional-manager', { regionId: west }),
    salesGm: await h.staff('sales-general-manager'),
    technical: await h.staff('technical-department'),
    seller: await h.staff('salesperson', { regionId: east }),
    clerk: await h.staff('sales-support-clerk'),
    distributor: await h.staff('distributor', { regionId: east, unit: customer.code }),
    upload: async (by, path, bytes, { name = 'photo.jpg', fields = {}, headers = {} } = {}) => {
      const body = new FormData();
      for (const [field, value] of Object.entries(fields)) body.append(field, value);
      body.append('file', new Blob([new Uint8Array(bytes)]), name);
      const authorization = `Bearer ${await h.token(by.subject)}`;
      const response = await fetch(`${h.url}${path}`, { method: 'POST', headers: { authorization, ...headers }, body });
      return { status: response.status, headers: response.headers, body: await response.json() };
    },
    download: async (by, path) => {
      const authorization = `Bearer ${await h.token(by.subject)}`;
      const response = await fetch(`${h.url}${path}`, { headers: { authorization } });
      return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
    },
    close: async () => {
      await h.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
