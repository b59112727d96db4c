import { designEvents, designForm, designReaction } from '@fenxiao/contracts/products';
import { domainError } from '@fenxiao/domain/domain-error';
import { staff } from '@fenxiao/procedures/powers';
import { procedure } from '@fenxiao/procedures/procedure';
import { lock } from '@fenxiao/service-kit/engine';
import { bindForm } from '@fenxiao/service-kit/forms';
import { z } from 'zod';
import { idea } from './idea.js';

/** O-44 Product design 产品设计: a design for an idea under way, shown to customers, who say what they think of it. */
export const designProposal = bindForm(
  procedure({
    name: 'design-proposal',
    clause: 'O-44',
    events: designEvents,
    states: ['proposed', 'judged'],
    read: staff,
    page: { title: 'design-proposal' },
    start: {
      move: 'propose',
      to: 'proposed',
      by: { 'technical-department': 'all', 'marketing-section': 'all', 'market-researcher': 'all' },
      form: designForm,
      fact: 'proposed',
    },
    moves: {
      judge: {
        from: 'proposed',
        to: 'judged',
        by: { 'marketing-section': 'all', 'market-researcher': 'all', 'sales-manager': 'all' },
        form: designReaction,
        fact: 'judged',
        notMaker: true,
      },
    },
  }),
  {
    series: 'SJ',
    filters: { ideaId: { form: z.uuid(), where: (ideaId) => ({ form: { ideaId } }) } },
    onOpen: async ({ ideaId }, work) => {
      const { state, number } = await lock(work, idea, ideaId);
      if (state === 'launched' || state === 'dropped') throw ideaClosed({ idea: number! }, { field: 'ideaId' });
    },
  },
);

const ideaClosed = domainError({
  code: 'orders.design-proposal.idea-closed',
  kind: 'unprocessable',
  rule: 'O-44',
  en: 'Idea {idea} is launched or dropped: it takes no more designs.',
  zh: '创意{idea}已上市或已放弃，不再接受设计方案。',
});
