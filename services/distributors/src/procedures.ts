import type { AnyBound } from '@fenxiao/service-kit/engine';
import { creditLimit } from './credit-limit.js';
import { custody } from './custody.js';
import { distributor } from './distributor.js';
import { guarantee } from './guarantee.js';
import { regionAssignment } from './region-assignment.js';
import { region } from './region.js';

/** The procedures of distributors. A new one is its file and a line here. */
export const procedures: readonly AnyBound[] = [region, regionAssignment, distributor, creditLimit, guarantee, custody];
