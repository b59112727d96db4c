import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../../services/console/src/demo/random.js';
import type { Rig } from './rig.js';

/** An answer that a client has in hand: from then on the system may not forget it. */
export interface Acknowledged {
  readonly key: string;
  readonly login: string;
  readonly service: string;
  /** name of the move as the audit has it */
  readonly move: string;
  readonly status: number;
  readonly id?: string;
  readonly state?: string;
  readonly version?: number;
  /** of a refusal */
  readonly code?: string;
}

/** What was acknowledged, line by line on the disk before anybody goes on. Nothing of the system touches it. */
export class LedgerFile {
  readonly #file: number;
  #lines = 0;

  constructor(readonly path: string) {
    this.#file = openSync(path, 'wx');
  }

  get lines(): number {
    return this.#lines;
  }

  write(entry: Acknowledged): void {
    writeSync(this.#file, `${JSON.stringify(entry)}\n`);
    fdatasyncSync(this.#file);
    this.#lines += 1;
  }

  read(): Acknowledged[] {
    const lines = readFileSync(this.path, 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as Acknowledged);
  }

  close(): void {
    closeSync(this.#file);
  }
}

interface Subject {
  readonly id: string;
  readonly state: string;
  readonly version: number;
}
interface Goods {
  readonly productCode: string;
  readonly batch: string;
  readonly warehouse: string;
}

/** How long a client keeps asking; nothing here is away for so long. */
const PATIENCE_MS = 240_000;

/** Clients who work until told to pause, and ask again under the same key until they are answered. */
export class Load {
  readonly #rig: Rig;
  readonly #ledger: LedgerFile;
  readonly #random: Random;
  readonly #seen: Record<string, number> = {};
  #distributors: string[] = [];
  #goods: Goods[] = [];
  #regions: string[] = [];
  #person = '';
  #count = 0;
  #paused = true;
  #abandoned = false;
  #working: Promise<unknown> = Promise.resolve();

  constructor(rig: Rig, ledger: LedgerFile, random: Random) {
    this.#rig = rig;
    this.#ledger = ledger;
    this.#random = random;
  }

  /** Learns what there is to sell, and to whom. */
  async learn(): Promise<void> {
    const list = <T>(login: string, path: string) => this.#listed<T>(login, path);
    this.#distributors = (
      await list<{ code: string }>('order-clerk', 'distributors/distributors?state=active&limit=50')
    ).map(({ code }) => code);
    const codes = new Map(
      (await list<{ id: string; code: string }>('order-clerk', 'orders/products?limit=200')).map(({ id, code }) => [
        id,
        code,
      ]),
    );
    this.#goods = (
      await list<Omit<Goods, 'productCode'> & { productId: string }>('order-clerk', 'orders/stock?limit=60')
    ).flatMap(({ productId, batch, warehouse }) => {
      const productCode = codes.get(productId);
      return productCode ? [{ productCode, batch, warehouse }] : [];
    });
    this.#regions = (await list<{ code: string }>('market-researcher', 'distributors/regions?limit=20')).map(
      ({ code }) => code,
    );
    const response = await this.#ask('probationer', 'orders/me');
    this.#person = ((await response.json()) as { person: string }).person;
  }

  resume(clients: number): void {
    this.#paused = false;
    this.#working = Promise.all(
      Array.from({ length: clients }, async () => {
        while (!this.#paused) await this.#errand();
      }),
    );
    // Told to whoever pauses.
    this.#working.catch(() => {});
  }

  /** Every client has its answers now. */
  async pause(): Promise<void> {
    this.#paused = true;
    await this.#working;
  }

  /** Nobody waits for an answer any more. */
  abandon(): void {
    this.#paused = true;
    this.#abandoned = true;
  }

  /** What clients met on the way to their answers. */
  get met(): string {
    return Object.entries(this.#seen)
      .toSorted(([, a], [, b]) => b - a)
      .map(([what, times]) => `${what} ${times}`)
      .join(', ');
  }

  async #errand(): Promise<void> {
    const random = this.#random;
    const errand = random.weighted(
      [this.#sell, this.#collect, this.#stockUp, this.#findUmbrella, this.#observe, this.#helpOut],
      [60, 10, 10, 8, 6, 6],
    );
    await errand.call(this);
  }

  async #sell(): Promise<void> {
    const random = this.#random;
    const chosen = new Set(Array.from({ length: random.int(1, 3) }, () => random.pick(this.#goods).productCode));
    const form = {
      distributorCode: random.pick(this.#distributors),
      lines: [...chosen].map((productCode) => ({ productCode, quantity: String(random.int(1, 5)) })),
    };
    const order = await this.#do('order-clerk', 'orders', 'place', 'orders', form);
    if (!order || random.chance(0.05)) return;
    const submitted = await this.#move('order-clerk', 'orders', 'orders', order, 'submit', {});
    if (!submitted || random.chance(0.1)) return;
    if (random.chance(0.1)) {
      await this.#move('order-clerk', 'orders', 'orders', order, 'cancel', { reason: '客户改变主意' });
      return;
    }
    if (submitted.state !== 'allocated') return;
    const shipment = await this.#do('order-clerk', 'orders', 'issue', 'shipments', { orderId: order.id });
    if (!shipment) return;
    await this.#move('finished-goods-keeper', 'orders', 'shipments', shipment, 'pick', {});
    const load = { carrier: '渝运物流', freight: String(random.int(80, 900)) };
    if (!(await this.#move('finished-goods-keeper', 'orders', 'shipments', shipment, 'dispatch', load))) return;
    if (random.chance(0.7)) await this.#move('order-clerk', 'orders', 'shipments', shipment, 'sign', {});
  }

  async #collect(): Promise<void> {
    const amount = (this.#random.int(100, 2_000_000) / 100).toFixed(2);
    const form = { distributorCode: this.#random.pick(this.#distributors), amount };
    await this.#do('finance', 'orders', 'record', 'payments', form);
  }

  async #stockUp(): Promise<void> {
    const { productCode, batch, warehouse } = this.#random.pick(this.#goods);
    const form = { productCode, batch, warehouse, quantity: String(this.#random.int(20, 100)) };
    await this.#do('finished-goods-keeper', 'orders', 'post', 'goods-receipts', form);
  }

  async #findUmbrella(): Promise<void> {
    const found = await this.#do('order-clerk', 'distributors', 'hold', 'custody', { item: '雨伞', place: '接待室' });
    if (!found) return;
    await this.#move('order-clerk', 'distributors', 'custody', found, 'notify', {});
    await this.#move('order-clerk', 'distributors', 'custody', found, 'return', { receivedBy: '失主' });
  }

  async #observe(): Promise<void> {
    const random = this.#random;
    const figures = { value: String(random.int(1000, 90_000)), confidence: random.pick(['low', 'medium', 'high']) };
    const place = { month: '2026-01-01', regionCode: random.pick(this.#regions), category: '瓷砖', vendor: 'other' };
    const form = { ...place, ...figures, source: `chaos ${this.#count}` };
    await this.#do('market-researcher', 'planning', 'record', 'market-observations', form);
  }

  async #helpOut(): Promise<void> {
    const form = { personId: this.#person, roles: ['sample-keeper'] };
    const position = await this.#do('human-resources', 'appraisals', 'assign', 'positions', form);
    if (!position) return;
    const validTo = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
    await this.#move('human-resources', 'appraisals', 'positions', position, 'end', { validTo });
  }

  #move(login: string, service: string, path: string, { id }: Subject, move: string, form: object) {
    return this.#do(login, service, move, `${path}/${id}/${move}`, form);
  }

  /** Asks under one key until there is an answer. @returns undefined when a rule refused */
  async #do(login: string, service: string, move: string, path: string, form: object): Promise<Subject | undefined> {
    const key = `chaos-${++this.#count}`;
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const met = await this.#once(login, `${service}/${path}`, form, key).catch((error: unknown) => {
        // By name: under Jest, fetch throws the TypeError of another realm.
        if (['TypeError', 'TimeoutError'].includes((error as Error).name)) return 'no answer';
        throw error;
      });
      if (typeof met === 'object') {
        const { status, body } = met;
        if (status < 300) {
          const { id, state, version } = body;
          this.#ledger.write({ key, login, service, move, status, id, state, version });
          return body;
        }
        this.#ledger.write({ key, login, service, move, status, ...(body.code ? { code: body.code } : {}) });
        return undefined;
      }
      this.#seen[met] = (this.#seen[met] ?? 0) + 1;
      if (this.#abandoned || Date.now() > deadline)
        throw new Error(`${login} ${service}/${path} (${key}): ${met} to the end`);
      await delay(150);
    }
  }

  /** @returns the answer, or what came instead of one */
  async #once(login: string, path: string, form: object, key: string) {
    const response = await this.#ask(login, path, form, key);
    const { status } = response;
    const body = (await response.json()) as Subject & { code?: string };
    if (status < 300 || [403, 409, 422].includes(status)) return { status, body };
    // Never 500: what passes by itself is said to.
    if ([502, 503, 504].includes(status)) return String(status);
    throw new Error(`${login} ${path} (${key}): ${status} ${JSON.stringify(body)}`);
  }

  async #ask(login: string, path: string, form?: object, key?: string): Promise<Response> {
    return fetch(`${this.#rig.url}/api/${path}`, {
      method: form ? 'POST' : 'GET',
      headers: {
        authorization: `Bearer ${await this.#rig.token(login)}`,
        ...(form ? { 'content-type': 'application/json', 'idempotency-key': key! } : {}),
      },
      ...(form ? { body: JSON.stringify(form) } : {}),
      signal: AbortSignal.timeout(20_000),
    });
  }

  async #listed<T>(login: string, path: string): Promise<T[]> {
    const response = await this.#ask(login, path);
    return ((await response.json()) as { items: T[] }).items;
  }
}
