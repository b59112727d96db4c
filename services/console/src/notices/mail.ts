import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Language } from '@fenxiao/domain/dictionary';
import { createTransport } from 'nodemailer';
import type { ConsoleConfig } from '../config.js';
import type { NoticeText } from './words.js';

export interface Letter {
  readonly to: string;
  /** stays the same when it is sent again: mail servers know a repeat by it */
  readonly id: string;
  readonly language: Language;
  /** one mail with all of them */
  readonly notices: readonly NoticeText[];
}

/** Sends one mail. @throws when the server refuses it or is away */
export type SendMail = (letter: Letter) => Promise<void>;

const patience = { connectionTimeout: '10000', greetingTimeout: '10000', socketTimeout: '20000' };

/** By the mail server, or into a folder of `.eml` files that any mail program opens; undefined where neither is configured. */
export function mailChannel({ SMTP_URL, MAIL_FOLDER, MAIL_FROM }: ConsoleConfig): SendMail | undefined {
  if (SMTP_URL) {
    const url = new URL(SMTP_URL);
    for (const [name, ms] of Object.entries(patience)) if (!url.searchParams.has(name)) url.searchParams.set(name, ms);
    const transport = createTransport(url.href);
    return async (letter) => void (await transport.sendMail(message(letter, MAIL_FROM)));
  }
  if (!MAIL_FOLDER) return undefined;
  const transport = createTransport({ streamTransport: true, buffer: true });
  return async (letter) => {
    const { message: bytes } = await transport.sendMail(message(letter, MAIL_FROM));
    await mkdir(MAIL_FOLDER, { recursive: true, mode: 0o700 });
    await writeFile(join(MAIL_FOLDER, `${letter.id}.eml`), bytes as Buffer, { mode: 0o600 });
  };
}

const message = ({ to, id, language, notices }: Letter, from: string) => ({
  from,
  to,
  messageId: `<${id}@fenxiao>`,
  subject:
    notices.length === 1
      ? notices[0]!.title
      : language === 'zh'
        ? `${notices.length}条通知`
        : `${notices.length} notices`,
  text: notices.map(({ title, text, link }) => [title, text, ...(link ? [link] : [])].join('\n')).join('\n\n'),
  // Nobody's absence note is to answer it.
  headers: { 'Auto-Submitted': 'auto-generated' },
});
