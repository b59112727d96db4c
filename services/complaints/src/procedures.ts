import type { AnyBound } from '@fenxiao/service-kit/engine';
import { withPlatform } from '@fenxiao/service-kit/powers';
import { afterSalesCase } from './after-sales/case-moves.js';
import { contactRecord } from './after-sales/contact-record.js';
import { knowledgeArticle } from './after-sales/knowledge-article.js';
import { technicalSupport } from './after-sales/technical-support.js';

/** The procedures of complaints. A new one is its file and a line here. */
export const procedures: readonly AnyBound[] = withPlatform('complaints', [
  afterSalesCase,
  technicalSupport,
  knowledgeArticle,
  contactRecord,
]);
