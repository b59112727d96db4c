import type { AnyBound } from '@fenxiao/service-kit/engine';
import { calendarDay } from './calendar-day.js';
import { department } from './department.js';
import { person } from './person.js';
import { position } from './position.js';

/** The procedures of appraisals. A new one is its file and a line here. */
export const procedures: readonly AnyBound[] = [person, position, department, calendarDay];
