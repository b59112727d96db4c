import { formEvents } from '@fenxiao/contracts/event';
import { Line, PersonName, Telephone } from '@fenxiao/contracts/wire';
import { hours } from '@fenxiao/domain/business-calendar';
import { procedure, type Powers } from '@fenxiao/procedures/procedure';
import { bindForm } from '@fenxiao/service-kit/forms';
import { z } from 'zod';

/** D-35 Items left or deposited 委托保管, 遗留物品: whoever finds one tells its owner the same day and hands it back. */
const form = z.object({ item: Line, place: Line, itemOwner: PersonName.optional(), telephone: Telephone.optional() });
const reception: Powers = {
  'sales-support-clerk': 'all',
  'order-clerk': 'all',
  'sales-administrator': 'all',
  salesperson: 'own',
};

export const custody = bindForm(
  procedure({
    name: 'custody',
    path: 'custody',
    clause: 'D-35',
    events: formEvents(
      'distributors',
      'custody',
      form,
      { held: {}, notified: {}, returned: { receivedBy: PersonName }, disposed: {} },
      { clocks: true },
    ),
    states: ['held', 'notified', 'returned', 'disposed'],
    read: { ...reception, 'sales-manager': 'all' },
    page: { title: 'custody' },
    reveal: reception,
    start: { move: 'hold', to: 'held', by: reception, form, fact: 'held' },
    moves: {
      notify: {
        from: 'held',
        to: 'notified',
        by: reception,
        fact: 'notified',
        clock: { within: hours(8), escalateTo: 'sales-manager' },
      },
      return: {
        from: ['held', 'notified'],
        to: 'returned',
        by: reception,
        form: z.object({ receivedBy: PersonName }),
        fact: 'returned',
      },
      dispose: {
        from: 'notified',
        to: 'disposed',
        by: { 'sales-manager': 'all' },
        fact: 'disposed',
        reason: true,
        daily: true,
      },
    },
  }),
  { series: 'BG' },
);
