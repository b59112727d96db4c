import type { EventContract } from '@fenxiao/contracts/event';
import { topics } from '@fenxiao/contracts/topics';
import { stringify } from 'yaml';
import { pathOf, type JsonObject } from './schema.js';

/**
 * All topics and events as one AsyncAPI 3 document. Data schemas stay in their files and are referred to: they use only
 * keywords that mean the same in JSON Schema draft-07, which is what AsyncAPI tools read.
 */
export function asyncApi(contracts: readonly EventContract[], release: string): string {
  const services = Object.keys(topics).map((topic) => ({ topic, service: topic.replace(/^fenxiao\./, '') }));
  const eventsOf = (topic: string) => contracts.filter((contract) => contract.topic === topic);
  const document = {
    asyncapi: '3.0.0',
    info: {
      title: 'Fenxiao events',
      version: release,
      description: about,
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(
      services.map(({ topic, service }) => [service, channel(topic, service, eventsOf(topic))]),
    ),
    operations: Object.fromEntries(
      services.map(({ service }) => [
        `${service}-publishes`,
        {
          action: 'send',
          channel: { $ref: `#/channels/${service}` },
          summary: `What ${service} tells everybody else.`,
        },
      ]),
    ),
    components: {
      messages: Object.fromEntries(contracts.map((contract) => [nameOf(contract), message(contract)])),
      messageTraits: { 'cloud-event': cloudEvent },
    },
  };
  return `# Written by \`npm run contracts\`; change the contracts in src instead.\n${stringify(document, { lineWidth: 120 })}`;
}

const about = `Facts published by the services of Fenxiao, as CloudEvents 1.0 with JSON data.

${[
  'On Kafka events come in binary mode: the attributes are headers named ce_*, the value is the data alone. The key is the',
  "aggregate's id, so the events of one aggregate stay in order in one partition; the number of partitions of a topic",
  'never changes. Delivery is at least once: a repeat carries the same ce_id and the same logoffset. Within a version',
  'only optional fields are added; anything else is a new version beside the old one. A golden sample of each event',
  'stands in samples/.',
].join(' ')}`;

/** `orders.order.confirmed.v1`: unique in the document and legal as a component key. */
const nameOf = ({ type }: EventContract) => type.replace(/^fenxiao\./, '');

function channel(topic: string, service: string, contracts: readonly EventContract[]): JsonObject {
  return {
    address: topic,
    title: `Facts of ${service}`,
    messages: Object.fromEntries(
      contracts.map((contract) => [nameOf(contract), { $ref: `#/components/messages/${nameOf(contract)}` }]),
    ),
    bindings: { kafka: { topic, partitions: (topics as Record<string, number>)[topic], bindingVersion: '0.5.0' } },
  };
}

function message(contract: EventContract): JsonObject {
  const { type, service, aggregate, fact, version } = contract;
  return {
    name: type,
    title: `${aggregate} ${fact}, version ${version}`,
    headers: { type: 'object', properties: { ce_type: { const: type }, ce_source: { const: `/${service}` } } },
    payload: { $ref: `./schemas/${pathOf(contract)}.json` },
    traits: [{ $ref: '#/components/messageTraits/cloud-event' }],
    'x-sample': `./samples/${pathOf(contract)}.json`,
  };
}

/** What every message has: CloudEvents attributes as Kafka headers, and the offset its log gave it. */
const cloudEvent = {
  contentType: 'application/json',
  headers: {
    type: 'object',
    required: [
      'ce_specversion',
      'ce_id',
      'ce_type',
      'ce_source',
      'ce_subject',
      'ce_time',
      'ce_sequence',
      'content-type',
      'logoffset',
    ],
    properties: {
      ce_specversion: { type: 'string', const: '1.0' },
      ce_id: { type: 'string', format: 'uuid', description: 'The event, the same in every repeat (UUIDv7)' },
      ce_type: { type: 'string', description: 'fenxiao.<service>.<aggregate>.<fact>.v<major>' },
      ce_source: { type: 'string', format: 'uri-reference', description: 'The service' },
      ce_subject: { type: 'string', description: 'Id of the aggregate, which is the key too' },
      ce_time: { type: 'string', format: 'date-time', description: 'When it happened, UTC with milliseconds' },
      ce_sequence: {
        type: 'string',
        pattern: '^[1-9][0-9]*$',
        description: 'Number of the event among those of its aggregate, from 1, without gaps',
      },
      ce_traceparent: { type: 'string', description: 'W3C trace context of the request that caused it' },
      'content-type': { type: 'string', const: 'application/json' },
      logoffset: {
        type: 'string',
        pattern: '^[1-9][0-9]*$',
        description:
          "Offset in the service's own log: dense in each partition from 1, the same in every repeat. Drop what is at or below " +
          'the last one applied, take the next, stop on a hole.',
      },
    },
  },
  bindings: {
    kafka: { key: { type: 'string', description: 'Id of the aggregate' }, bindingVersion: '0.5.0' },
  },
};
