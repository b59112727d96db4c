import { largeOrderLimitEvents, largeOrderLimitForm } from '@fenxiao/contracts/production';
import { Money } from '@fenxiao/domain/money';
import { Quantity } from '@fenxiao/domain/quantity';
import { domainError } from '@fenxiao/domain/domain-error';
import { approval } from '@fenxiao/procedures/approval';
import { staff } from '@fenxiao/procedures/powers';
import { procedure } from '@fenxiao/procedures/procedure';
import { bindForm } from '@fenxiao/service-kit/forms';

/** O-03 Large order limit 大宗订货标准: a family's limit set by hand, in place of the computed one, until it is withdrawn. */
export const largeOrderLimit = bindForm(
  procedure({
    name: 'large-order-limit',
    clause: 'O-03',
    events: largeOrderLimitEvents,
    states: ['proposed', 'approved', 'rejected', 'withdrawn'],
    read: staff,
    start: {
      move: 'propose',
      to: 'proposed',
      by: { 'sales-manager': 'all', 'deputy-general-manager-sales': 'all', 'production-department': 'all' },
      form: largeOrderLimitForm,
      fact: 'proposed',
    },
    moves: {
      ...approval({
        in: 'proposed',
        steps: [
          { name: 'approval', slots: [{ 'deputy-general-manager-sales': 'all', 'sales-general-manager': 'all' }] },
        ],
        approved: 'approved',
        rejected: 'rejected',
        facts: { approved: 'approved', rejected: 'rejected' },
      }),
      withdraw: {
        from: 'approved',
        to: 'withdrawn',
        by: { 'deputy-general-manager-sales': 'all', 'sales-general-manager': 'all' },
        fact: 'withdrawn',
        reason: true,
      },
    },
  }),
  {
    region: () => null,
    onOpen: ({ quantity, value }) => {
      if (!Quantity.of(quantity).isPositive()) throw noLimit({}, { field: 'quantity' });
      if (!Money.of(value).isPositive()) throw noLimit({}, { field: 'value' });
    },
  },
);

const noLimit = domainError({
  code: 'orders.large-order-limit.not-positive',
  kind: 'unprocessable',
  rule: 'O-03',
  en: 'A limit of zero would make every order a large one.',
  zh: '标准为零会使所有订单都成为大宗订货。',
});
