import { existsSync, readFileSync } from 'node:fs';
import { aggregate } from '@fenxiao/contracts/event';
import type { Role } from '@fenxiao/contracts/roles';
import { workingDays } from '@fenxiao/domain/business-calendar';
import { approval } from '@fenxiao/procedures/approval';
import { exportersOf } from '@fenxiao/procedures/powers';
import { procedure } from '@fenxiao/procedures/procedure';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { declaredProcedures, type ServiceProcedures } from '../declarations.js';
import { document, path, termsMissing } from './document.js';

describe('the procedures of all services', () => {
  it('use only terms of the dictionary', async () => {
    expect(termsMissing(await declaredProcedures())).toEqual([]);
  });

  it('let nobody take out more than they read, nor see whole what they do not read (X-20)', async () => {
    const reach = ['own', 'unit', 'region', 'all'];
    const wider = (await declaredProcedures())
      .flatMap(({ procedures }) => procedures)
      .flatMap((p) =>
        [exportersOf(p), p.reveal ?? {}].flatMap((powers) =>
          Object.entries(powers)
            .filter(([role, scope]) => reach.indexOf(scope) > reach.indexOf(p.read[role as Role] ?? 'none'))
            .map(([role]) => `${p.name}: ${role}`),
        ),
      );
    expect(wider).toEqual([]);
  });

  it('are described in docs/procedures.md as they are declared (else run `npm run procedures`)', async () => {
    const checkedIn = existsSync(path) ? readFileSync(path, 'utf8') : '';
    expect(checkedIn).toBe(await document(await declaredProcedures()));
  });
});

describe('the document', () => {
  const all = (form: z.ZodObject): ServiceProcedures[] => {
    const events = aggregate(
      'planning',
      `promotion-${++declared}`,
      {
        requested: {},
        approved: {},
        rejected: {},
        expired: {},
      },
      { clocks: true },
    );
    const promotion = procedure({
      name: 'promotion',
      clause: 'P-20',
      events,
      read: { 'regional-manager': 'region', finance: 'all' },
      states: ['requested', 'approved', 'rejected', 'expired'],
      start: { move: 'request', to: 'requested', by: { 'regional-manager': 'region' }, form, fact: 'requested' },
      moves: approval({
        in: 'requested',
        approved: 'approved',
        rejected: 'rejected',
        steps: [
          { name: 'review', slots: [{ 'sales-general-manager': 'all' }] },
          { name: 'approve', slots: [{ 'general-manager': 'all' }] },
        ],
        facts: { approved: 'approved', rejected: 'rejected', expired: 'expired' },
        expires: { within: workingDays(3), to: 'expired', escalateTo: 'general-manager' },
      }),
    });
    return [{ service: 'planning', procedures: [promotion] }];
  };
  let declared = 0;

  it('says who may do what, when, and who signs in which order', async () => {
    const text = (await document(all(z.object({ note: z.string() })))).replace(/ +/g, ' ');
    expect(text).toContain('clause P-20 Promotion and support-policy approval chain 促销、支持政策审批');
    expect(text).toContain('Seen by regional-manager (region); finance (all).');
    expect(text).toContain('[*] --> requested: request (regional-manager)');
    expect(text).toContain(
      '| requested | approved | sales-general-manager, general-manager (all) | within 3 working days, then to ' +
        'general-manager, then the system makes `expire` |',
    );
    expect(text).toContain('Approval: review (sales-general-manager), then approve (general-manager).');
  });

  it('is not written while a term is missing, and says which, of which procedure', async () => {
    const strange = all(z.object({ flavour: z.string() }));
    expect(termsMissing(strange)).toContain('promotion: flavour');
    await expect(document(strange)).rejects.toThrow('flavour');
  });
});
