import type { AnyBound } from '@fenxiao/service-kit/engine';
import { withPlatform } from '@fenxiao/service-kit/powers';
import { delegation } from './delegation.js';
import { department } from './department.js';
import { person } from './person.js';
import { position } from './position.js';

/** The procedures of appraisals. A new one is its file and a line here. */
export const procedures: readonly AnyBound[] = withPlatform('appraisals', [person, position, department, delegation]);
