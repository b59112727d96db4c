import { knowledgeArticleEvents, knowledgeArticleForm } from '@fenxiao/contracts/after-sales';
import { domainError } from '@fenxiao/domain/domain-error';
import { staff } from '@fenxiao/procedures/powers';
import { procedure } from '@fenxiao/procedures/procedure';
import { bindForm } from '@fenxiao/service-kit/forms';
import type { Work } from '@fenxiao/service-kit/work';
import { technical } from './report.js';

/** C-21 Knowledge article 技术知识条目: what the technical department knows of a symptom and its solution, for whoever answers a customer. */
export const knowledgeArticle = bindForm(
  procedure({
    name: 'knowledge-article',
    clause: 'C-21',
    events: knowledgeArticleEvents,
    states: ['draft', 'published', 'withdrawn'],
    read: staff,
    start: { move: 'draft', to: 'draft', by: technical, form: knowledgeArticleForm, fact: 'drafted' },
    moves: {
      edit: { from: 'draft', by: technical, form: knowledgeArticleForm, fact: 'edited', edits: true },
      publish: { from: 'draft', to: 'published', by: technical, fact: 'published' },
      withdraw: { from: 'published', to: 'withdrawn', by: technical, fact: 'withdrawn', reason: true },
    },
  }),
  { series: 'ZS' },
);

/** @throws notPublished for an article that nobody may answer with */
export async function requirePublished(work: Work, ids: readonly string[]): Promise<void> {
  const found = await work.query<{ id: string }>(
    `SELECT id FROM form_document WHERE id = ANY($1) AND procedure = $2 AND state = 'published'`,
    [ids, knowledgeArticle.procedure.name],
  );
  const missing = ids.find((id) => !found.some((row) => row.id === id));
  if (missing) throw notPublished({ article: missing }, { field: 'articleIds' });
}

const notPublished = domainError({
  code: 'complaints.knowledge-article.not-published',
  kind: 'unprocessable',
  rule: 'C-21',
  en: 'There is no published article {article}.',
  zh: '没有已发布的知识条目{article}。',
});
