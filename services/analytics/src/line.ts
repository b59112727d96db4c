import type { LogRecord } from '@fenxiao/messaging/event-log';

/**
 * A record as one line of TabSeparatedRaw: topic, partition, offset, headers, data. Nothing is parsed: what a producer
 * wrote goes to the store byte for byte, and whether it is JSON is found out there. Address and content are columns of
 * their own, so no content can pass for an address.
 */
export function lineOf({ topic, part, off, headers, value }: LogRecord): string {
  return `${topic}\t${part}\t${off}\t${column(headers)}\t${column(value)}\n`;
}

/** What ends a column or a line, and the sign for no value. JSON.stringify writes none of them raw. */
const special = /[\t\n\r]|^\\N$/;

function column(text: string): string {
  if (!special.test(text)) return text;
  // Between the tokens of JSON they are mere blanks. In anything else the text becomes one JSON string, which is no
  // event and so goes to the dead letters with all its characters.
  return isJson(text) ? text.replace(/[\t\n\r]/g, ' ') : JSON.stringify(text);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A record that the store can't take as it is, as one it can: an event that will be a dead letter. */
export function placeholderOf({ topic, part, off, headers, value }: LogRecord): string {
  return `${topic}\t${part}\t${off}\t${JSON.stringify(headers)}\t${JSON.stringify(value)}\n`;
}

/** The time an event says it happened, in epoch milliseconds, for measuring; NaN when it says none. */
export const timeOf = ({ headers }: LogRecord): number => Date.parse(/"time":\s*"([^"]+)"/.exec(headers)?.[1] ?? '');
