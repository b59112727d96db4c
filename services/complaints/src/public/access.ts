import { createHash, randomBytes } from 'node:crypto';

/** What opens a case to whoever filed it: 128 bits by chance, told once and kept as a digest. */

const alphabet = 'ABCDEFGHJKMNPQRSTVWXYZ0123456789';
const length = 26;

/** 26 letters and digits that are not mistaken for each other, in groups on the page; each carries 5 bits. */
export const newCode = (): string => [...randomBytes(length)].map((byte) => alphabet[byte % 32]).join('');

/** The code as people type it back: in any case, with blanks or dashes; undefined: no code of ours. */
export function codeOf(text: string): string | undefined {
  const code = text.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1');
  return code.length === length && [...code].every((letter) => alphabet.includes(letter)) ? code : undefined;
}

/** `ABCDE FGHJK …`: easier to copy by hand. */
export const grouped = (code: string): string => code.replaceAll(/(.{5})(?=.)/g, '$1 ');

/** No salt: 128 bits by chance can't be guessed from it. */
export const digestOf = (code: string): Buffer => createHash('sha256').update(code).digest();
