import type { Member, Reply } from '@fenxiao/testing/harness';
import { until } from '@fenxiao/testing/wait';
import type { World } from './world.js';

/** Those who make what is sold, and what most tests of production begin with. */
export interface Production {
  readonly planner: Member;
  readonly technical: Member;
  readonly branch: Member;
  /** a family of its own with a limit set by hand and approved */
  family(quantity: string, value?: string): Promise<string>;
  /** the production requests of an order, oldest first */
  requests(orderId: string): Promise<Reply['body'][]>;
  /** makes moves on a production request, each by production, and returns the last answer */
  moves(requestId: string, ...moves: (readonly [move: string, form?: object])[]): Promise<Reply>;
  /** the notices about something, once there is one */
  notices(about: string): Promise<{ kind: string; detail?: string; to: { persons?: string[] } }[]>;
}

export async function production(w: World): Promise<Production> {
  const planner = await w.h.staff('production-department');
  const technical = await w.h.staff('technical-department');
  const branch = await w.h.staff('branch-general-manager');
  let families = 0;
  return {
    planner,
    technical,
    branch,
    family: async (quantity, value = '99999999') => {
      const family = `family ${++families} of ${quantity}`;
      const proposed = await w.salesManager.post('/large-order-limits', {
        family,
        quantity,
        value,
        validFrom: '2026-01-01',
      });
      await w.deputy.post(`/large-order-limits/${proposed.body.id}/approve`);
      return family;
    },
    requests: async (orderId) => {
      const { body } = await w.gm.get(`/production-requests?orderId=${orderId}`);
      return (body.items as { id: string }[]).toSorted((a, b) => (a.id < b.id ? -1 : 1));
    },
    moves: async (requestId, ...moves) => {
      let last: Reply | undefined;
      for (const [move, form] of moves) last = await planner.post(`/production-requests/${requestId}/${move}`, form);
      return last!;
    },
    notices: (about) =>
      until(`a notice about ${about}`, async () => {
        const all = await w.h.events();
        const found = all
          .filter(({ type }) => type === 'fenxiao.orders.notice.requested.v1')
          .map(({ data }) => data as never as { about?: string; kind: string; to: { persons?: string[] } })
          .filter((notice) => notice.about === about);
        return found.length > 0 && found;
      }),
  };
}
