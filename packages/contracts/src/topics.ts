/**
 * One topic per service, and the number of its partitions, fixed for the life of a topic version. The dead letters of
 * a consumer are a topic of their own.
 */
export const topics = {
  'fenxiao.orders': 8,
  'fenxiao.distributors': 4,
  'fenxiao.complaints': 4,
  'fenxiao.planning': 4,
  'fenxiao.appraisals': 4,
} as const;

/** One topic per service. */
export const topicOf = (service: string) => `fenxiao.${service}`;

export const deadLetterTopic = (consumer: string) => `fenxiao.${consumer}.dead`;

/** Whether a service publishes at all: the console and analytics only read. */
export const hasTopic = (service: string): boolean => topicOf(service) in topics;

/** What a service writes: its events, if it has any, and its dead letters. */
export const topicsOf = (service: string): string[] =>
  (hasTopic(service) ? [topicOf(service)] : []).concat(deadLetterTopic(service));

/** @throws Error for a topic that is not declared */
export function partitionsOf(topic: string): number {
  if (topic.endsWith('.dead')) return 1;
  const parts = (topics as Record<string, number>)[topic];
  if (parts === undefined) throw new Error(`no such topic: ${topic}`);
  return parts;
}
