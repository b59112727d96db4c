import type { IHeaders, KafkaMessage, Message } from 'kafkajs';
import type { LogRecord } from './event-log.js';

/**
 * A record of the log as a Kafka message: CloudEvents in binary mode (attributes are headers `ce_*`, the value is the
 * data alone), and `logoffset`, the record's offset in the log, by which consumers drop repeats and notice holes.
 */
export function messageOf({ part, off, key, headers, value }: LogRecord): Message {
  const attributes = { ...kafkaHeaders(headers), logoffset: String(off) };
  // Headers nobody of ours writes travel as they are, so that what comes out is always what went in.
  const whole = jsonOf(attributes) === headers ? attributes : { ...attributes, logheaders: headers };
  return { key, value, partition: part, headers: whole };
}

/** The record a message carries; undefined when it has no place in the log, so that nobody of ours wrote it. */
export function recordOf(topic: string, part: number, message: KafkaMessage): LogRecord | undefined {
  const headers = Object.fromEntries(Object.entries(message.headers ?? {}).map(([name, value]) => [name, text(value)]));
  if (!/^[1-9]\d{0,18}$/.test(headers['logoffset'] ?? '')) return undefined;
  return {
    topic,
    part,
    off: BigInt(headers['logoffset']!),
    key: text(message.key ?? undefined),
    headers: headers['logheaders'] ?? jsonOf(headers),
    value: text(message.value ?? undefined),
  };
}

const text = (value: IHeaders[string]) => String(Array.isArray(value) ? value[0] : (value ?? ''));

function kafkaHeaders(headers: string): Record<string, string> {
  const attributes = parsed(headers);
  if (typeof attributes !== 'object' || attributes === null) return {};
  return Object.fromEntries(
    Object.entries(attributes)
      .filter(([, value]) => typeof value === 'string' || typeof value === 'number')
      .map(([name, value]) => [name === 'datacontenttype' ? 'content-type' : `ce_${name}`, String(value)]),
  );
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** The attributes in their order, as `outboxRow` writes them: all are strings but the sequence. */
function jsonOf(headers: Record<string, string>): string {
  const attributes = Object.entries(headers).flatMap(([name, value]) => {
    if (name === 'content-type') return [['datacontenttype', value]];
    if (!name.startsWith('ce_')) return [];
    return [[name.slice('ce_'.length), name === 'ce_sequence' ? Number(value) : value]];
  });
  return JSON.stringify(Object.fromEntries(attributes));
}
