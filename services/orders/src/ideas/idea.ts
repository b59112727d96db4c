import { ideaAssessment, ideaEvents, ideaForm, ideaLaunchForm } from '@fenxiao/contracts/products';
import { staff } from '@fenxiao/procedures/powers';
import { procedure } from '@fenxiao/procedures/procedure';
import { open } from '@fenxiao/service-kit/engine';
import { bindForm } from '@fenxiao/service-kit/forms';
import type { z } from 'zod';
import { product, productKeepers } from '../product.js';

/** O-40 Product development link 早期研发和市场联动: an idea from the market, on its way to be a product. */
export const idea = bindForm(
  procedure({
    name: 'idea',
    clause: 'O-40',
    events: ideaEvents,
    states: ['idea', 'assessed', 'approved', 'developing', 'trial', 'launched', 'dropped'],
    read: staff,
    page: { title: 'idea', sign: ['marketing-section', 'technical-department', 'deputy-general-manager-sales'] },
    start: {
      move: 'register',
      to: 'idea',
      by: {
        'marketing-section': 'all',
        'market-researcher': 'all',
        'technical-department': 'all',
        'sales-manager': 'all',
        'sales-administrator': 'all',
        'regional-manager': 'region',
        salesperson: 'region',
      },
      form: ideaForm,
      fact: 'registered',
    },
    moves: {
      assess: {
        from: 'idea',
        to: 'assessed',
        by: { 'marketing-section': 'all', 'technical-department': 'all' },
        form: ideaAssessment,
        fact: 'assessed',
      },
      approve: {
        from: 'assessed',
        to: 'approved',
        by: { 'deputy-general-manager-sales': 'all', 'sales-general-manager': 'all', 'general-manager': 'all' },
        fact: 'approved',
        notMaker: true,
      },
      develop: {
        from: 'approved',
        to: 'developing',
        by: { 'technical-department': 'all' },
        fact: 'development-started',
      },
      try: { from: 'developing', to: 'trial', by: { 'technical-department': 'all' }, fact: 'trial-started' },
      launch: { from: 'trial', to: 'launched', by: productKeepers, form: ideaLaunchForm, fact: 'launched' },
      drop: {
        from: ['idea', 'assessed', 'approved', 'developing', 'trial'],
        to: 'dropped',
        by: { 'sales-manager': 'all', 'deputy-general-manager-sales': 'all', 'general-manager': 'all' },
        fact: 'dropped',
        reason: true,
      },
    },
  }),
  {
    series: 'CY',
    effects: {
      launch: async (_, form: z.infer<typeof ideaLaunchForm>, work) => {
        await open(work, product, { form: { ...form, launchedOn: work.today } });
      },
    },
  },
);
