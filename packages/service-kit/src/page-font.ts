import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import subsetFont from 'subset-font';

/**
 * The typeface of printed pages, Noto Sans SC. Each page carries the few glyphs it shows, so that it looks the same where
 * no Chinese typeface is installed, and from a file as from the service. Characters the face lacks fall to the reader's own.
 */
const require = createRequire(import.meta.url);
// It brings no types of its own.
const { convert } = require('fontverter') as { convert(font: Buffer, to: 'sfnt'): Promise<Buffer> };
const file = (weight: number) =>
  require.resolve(`@fontsource/noto-sans-sc/files/noto-sans-sc-chinese-simplified-${weight}-normal.woff2`);

/** Unpacked once: unpacking takes longer than taking the glyphs of a page out of it. */
const faces = new Map<number, Promise<Buffer>>();
function face(weight: number): Promise<Buffer> {
  const known = faces.get(weight) ?? readFile(file(weight)).then((packed) => convert(packed, 'sfnt'));
  faces.set(weight, known);
  return known;
}

/** `@font-face` rules that draw a text, as data in the rules themselves: some 200 bytes a character. */
export async function fontFaces(text: string): Promise<string> {
  const rules = [400, 700].map(async (weight) => {
    const glyphs = await subsetFont(await face(weight), text, { targetFormat: 'sfnt' });
    return `@font-face{font-family:"Noto Sans SC";font-weight:${weight};src:url(data:font/ttf;base64,${glyphs.toString('base64')})}`;
  });
  return (await Promise.all(rules)).join('');
}
