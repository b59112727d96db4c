import type { imports, ImportKind } from '@fenxiao/contracts/imports';
import type { z } from 'zod';

/** A row as a spreadsheet would bring it, before defaults. */
export type Row<K extends ImportKind> = z.input<(typeof imports)[K]['row']>;
