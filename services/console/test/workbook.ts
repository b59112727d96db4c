import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';

/** What a cell is in the file's own terms. */
export type CellXml =
  | string // shared text
  | number
  | { date: number }
  | { percent: number }
  | { digits: number }
  | { inline: string }
  | { formula: string; result: string | number }
  | { error: string }
  | { boolean: boolean }
  | null;

export interface SheetXml {
  readonly name: string;
  readonly hidden?: boolean;
  readonly rows: readonly (readonly CellXml[])[];
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
const letters = (i: number): string =>
  (i < 26 ? '' : letters(Math.floor(i / 26) - 1)) + String.fromCharCode(65 + (i % 26));

/**
 * Writes a small .xlsx as Excel does: sheets before styles and texts, texts shared, styles by number. Rows may be left
 * out with `[]`.
 */
export async function writeWorkbook(path: string, sheets: readonly SheetXml[], from1904 = false): Promise<void> {
  const texts: string[] = [];
  const cell = (value: CellXml, at: string): string => {
    if (value === null) return '';
    if (typeof value === 'string') {
      texts.push(value);
      return `<c r="${at}" t="s"><v>${texts.length - 1}</v></c>`;
    }
    if (typeof value === 'number') return `<c r="${at}"><v>${value}</v></c>`;
    if ('date' in value) return `<c r="${at}" s="1"><v>${value.date}</v></c>`;
    if ('percent' in value) return `<c r="${at}" s="2"><v>${value.percent}</v></c>`;
    if ('digits' in value) return `<c r="${at}" s="3"><v>${value.digits}</v></c>`;
    if ('inline' in value) return `<c r="${at}" t="inlineStr"><is><t>${escaped(value.inline)}</t></is></c>`;
    if ('error' in value) return `<c r="${at}" t="e"><f>X()</f><v>${value.error}</v></c>`;
    if ('boolean' in value) return `<c r="${at}" t="b"><v>${value.boolean ? 1 : 0}</v></c>`;
    const type = typeof value.result === 'string' ? ' t="str"' : '';
    return `<c r="${at}"${type}><f>${escaped(value.formula)}</f><v>${escaped(String(value.result))}</v></c>`;
  };
  const xml = (body: string) => Buffer.from(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n${body}`);
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
  const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  const packaged = 'http://schemas.openxmlformats.org/package/2006/relationships';
  const zip = new ZipFile();
  zip.addBuffer(
    xml(
      `<Relationships xmlns="${packaged}"><Relationship Id="rId1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    ),
    '_rels/.rels',
  );
  for (const [i, { rows }] of sheets.entries()) {
    const body = rows
      .map((cells, r) =>
        cells.length === 0
          ? ''
          : `<row r="${r + 1}">${cells.map((value, c) => cell(value, `${letters(c)}${r + 1}`)).join('')}</row>`,
      )
      .join('');
    zip.addBuffer(
      xml(`<worksheet xmlns="${main}"><sheetData>${body}</sheetData></worksheet>`),
      `xl/worksheets/sheet${i + 1}.xml`,
    );
  }
  zip.addBuffer(
    xml(
      `<styleSheet xmlns="${main}"><numFmts count="2"><numFmt numFmtId="176" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;;@"/><numFmt numFmtId="177" formatCode="00000"/></numFmts>` +
        `<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="176"/><xf numFmtId="9"/><xf numFmtId="177"/></cellXfs></styleSheet>`,
    ),
    'xl/styles.xml',
  );
  const shared = texts.map(
    (text) => `<si><r><t xml:space="preserve">${escaped(text)}</t></r><rPh sb="0" eb="1"><t>pinyin</t></rPh></si>`,
  );
  zip.addBuffer(xml(`<sst xmlns="${main}">${shared.join('')}</sst>`), 'xl/sharedStrings.xml');
  zip.addBuffer(
    xml(
      `<workbook xmlns="${main}" xmlns:r="${office}"><workbookPr${from1904 ? ' date1904="1"' : ''}/><sheets>${sheets
        .map(
          ({ name, hidden }, i) =>
            `<sheet name="${escaped(name)}" sheetId="${i + 1}"${hidden ? ' state="hidden"' : ''} r:id="rId${i + 1}"/>`,
        )
        .join('')}</sheets></workbook>`,
    ),
    'xl/workbook.xml',
  );
  zip.addBuffer(
    xml(
      `<Relationships xmlns="${packaged}">${sheets
        .map(
          (_, i) => `<Relationship Id="rId${i + 1}" Type="${office}/worksheet" Target="worksheets/sheet${i + 1}.xml"/>`,
        )
        .join(
          '',
        )}<Relationship Id="rId90" Type="${office}/styles" Target="styles.xml"/><Relationship Id="rId91" Type="${office}/sharedStrings" Target="/xl/sharedStrings.xml"/></Relationships>`,
    ),
    'xl/_rels/workbook.xml.rels',
  );
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(path));
}
