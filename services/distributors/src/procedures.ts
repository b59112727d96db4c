import type { AnyBound } from '@fenxiao/service-kit/engine';
import { withPlatform } from '@fenxiao/service-kit/powers';
import { creditAuthority, creditLimit } from './credit-limit.js';
import { custody } from './custody.js';
import { distributor } from './distributor.js';
import { guarantee, guaranteeAuthority } from './guarantee.js';
import { paymentTerms } from './payment-terms.js';
import { regionAssignment } from './region-assignment.js';
import { region } from './region.js';

/** The procedures of distributors. A new one is its file and a line here. */
export const procedures: readonly AnyBound[] = withPlatform(
  'distributors',
  [region, regionAssignment, distributor, creditLimit, paymentTerms, guarantee, custody],
  [guaranteeAuthority, creditAuthority],
);
