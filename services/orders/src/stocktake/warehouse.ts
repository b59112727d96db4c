import { WarehouseKind, warehouseEvents } from '@fenxiao/contracts/collection';
import { Code, Line, Ref } from '@fenxiao/contracts/wire';
import { domainError } from '@fenxiao/domain/domain-error';
import { approval } from '@fenxiao/procedures/approval';
import { staff } from '@fenxiao/procedures/powers';
import { procedure } from '@fenxiao/procedures/procedure';
import { subjectColumns } from '@fenxiao/service-kit/columns';
import { bind } from '@fenxiao/service-kit/engine';
import { defineEntity } from '@mikro-orm/core';
import { z } from 'zod';

/** O-24 Warehouses and company shops 仓库与公司专卖店: which there are; what counts as a company shop is proposed and approved. */
const WarehouseSchema = defineEntity({
  name: 'Warehouse',
  tableName: 'warehouse',
  properties: (p) => ({
    ...subjectColumns,
    code: p.text(),
    name: p.text(),
    kind: p.text().$type<z.infer<typeof WarehouseKind>>(),
    frozenBy: p.uuid().strictNullable(),
  }),
});
export class Warehouse extends WarehouseSchema.class {}
WarehouseSchema.setClass(Warehouse);

const form = z.object({ code: Code, name: Line, kind: WarehouseKind, regionId: Ref('region').optional() });

export const warehouse = bind(
  procedure({
    name: 'warehouse',
    clause: 'O-24',
    events: warehouseEvents,
    states: ['proposed', 'active', 'rejected', 'closed'],
    read: staff,
    start: {
      move: 'propose',
      to: 'proposed',
      by: { 'order-clerk': 'all', 'finished-goods-keeper': 'all', 'sales-support-clerk': 'all' },
      form,
      fact: 'proposed',
    },
    moves: {
      ...approval({
        in: 'proposed',
        steps: [{ name: 'approval', slots: [{ 'sales-manager': 'all' }] }],
        approved: 'active',
        rejected: 'rejected',
        facts: { approved: 'approved', rejected: 'rejected' },
      }),
      close: { from: 'active', to: 'closed', by: { 'sales-manager': 'all' }, fact: 'closed', reason: true },
    },
  }),
  {
    entity: Warehouse,
    create: async ({ code, name, kind, regionId }, work, base) => {
      await work.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`warehouse ${code}`]);
      const [taken] = await work.query(`SELECT FROM warehouse WHERE code = $1 AND state IN ('proposed', 'active')`, [
        code,
      ]);
      if (taken) throw known({ warehouse: code }, { field: 'code' });
      return work.em.create(Warehouse, { ...base, region: regionId ?? null, code, name, kind, frozenBy: null });
    },
    effects: {
      close: async ({ code }, _, work) => {
        const [open] = await work.query<{ number: string }>(
          `SELECT number FROM stocktake WHERE warehouse = $1 AND state NOT IN ('closed', 'called-off')`,
          [code],
        );
        if (open) throw beingCounted({ warehouse: code, stocktake: open.number });
      },
    },
    facts: { proposed: fact, approved: fact, rejected: fact, closed: fact },
    view: ({ code, name, kind, region, createdBy, frozenBy }) => ({
      code,
      name,
      kind,
      region,
      createdBy,
      frozen: frozenBy !== null,
    }),
    filters: { code: 'code', kind: 'kind' },
  },
);

function fact({ code, name, kind, region }: Warehouse) {
  return { code, name, kind, ...(region ? { regionId: region } : {}) };
}

const known = domainError({
  code: 'orders.warehouse.known',
  kind: 'conflict',
  rule: 'O-24',
  en: 'Warehouse {warehouse} is in the register already.',
  zh: '仓库{warehouse}已在登记册中。',
});
const beingCounted = domainError({
  code: 'orders.warehouse.being-counted',
  kind: 'conflict',
  rule: 'O-24',
  en: 'Warehouse {warehouse} can not be closed before stocktake {stocktake} is.',
  zh: '盘点单{stocktake}结案前，仓库{warehouse}不得关闭。',
});
