import { createHash } from 'node:crypto';
import { label, type Language } from '@fenxiao/domain/dictionary';
import { html } from 'ghtml';
import type { PageContent, Table } from './page-content.js';
import { fontFaces } from './page-font.js';

/** What stands around the content of every page. */
export interface PageFrame {
  readonly language: Language;
  readonly company: string;
  readonly state: string;
  readonly version: number;
  readonly made: { readonly at: string; readonly by: string };
  readonly printed: { readonly at: string; readonly by: string };
  /** of the sealed document, hex */
  readonly hash?: string | undefined;
}

// Chromium and Firefox number the pages in the margin; "1 / 2" needs no language.
const style = `
@page{size:A4;margin:14mm 14mm 18mm;@bottom-center{content:counter(page) " / " counter(pages);font:9pt "Noto Sans SC",sans-serif}}
*{box-sizing:border-box}
html{background:#e9ecf0;-webkit-print-color-adjust:exact;print-color-adjust:exact}
body{font:10pt/1.5 "Noto Sans SC",sans-serif;color:#111;background:#fff;width:210mm;min-height:297mm;margin:8mm auto;padding:14mm;box-shadow:0 1mm 6mm #0003}
@media print{html,body{background:none}body{width:auto;min-height:0;margin:0;padding:0;box-shadow:none}}
header{text-align:center;margin-bottom:4mm}
.company{font-size:12pt;letter-spacing:.1em}
h1{font-size:20pt;line-height:1.3;margin:1mm 0 0;letter-spacing:.35em;text-indent:.35em}
html[lang=en] h1{letter-spacing:.02em;text-indent:0}
.line{display:flex;justify-content:space-between;align-items:end;gap:6mm;margin-bottom:2mm;font-size:9.5pt}
h2{font-size:10.5pt;margin:4mm 0 1.5mm;break-after:avoid}
table{border-collapse:collapse;width:100%;margin:0}
th,td{border:.3mm solid #333;padding:1.2mm 2mm;text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{font-weight:400;background:#f1f3f5;white-space:nowrap}
thead{display:table-header-group}tr{break-inside:avoid}
thead th{text-align:center}
.fields th{width:24mm}.fields td{width:67mm}
.fields td[colspan]{width:auto}
.rows{font-size:9pt}.rows th{white-space:normal}.rows th,.rows td{padding:1mm 1.4mm}
.figure{text-align:right;font-variant-numeric:tabular-nums;overflow-wrap:normal;white-space:nowrap}
.total{margin-top:-.3mm}.total td{font-weight:700}
.total .figure{width:48mm}
.sign{display:flex;border:.3mm solid #333;margin-top:5mm;break-inside:avoid}
.sign div{flex:1;height:22mm;padding:1.5mm 2mm;border-left:.3mm solid #333;display:flex;flex-direction:column;justify-content:space-between}
.sign div:first-child{border-left:0}
.sign small{color:#777;font-size:8pt}
footer{margin-top:3mm;font-size:8pt;color:#444;display:grid;gap:.6mm}
.hash{overflow-wrap:anywhere}
`;

const sha256 = (text: string) => createHash('sha256').update(text).digest('base64');
const styleHash = sha256(style);

/** A page as HTML that needs nothing else, and the policy that lets it do nothing but show itself. */
export async function renderPage(
  content: PageContent,
  frame: PageFrame,
): Promise<{ readonly body: string; readonly policy: string }> {
  const inside = bodyOf(content, frame);
  const faces = await fontFaces(`${inside}0123456789 /`);
  const head = html`<meta charset="utf-8" /><title>${content.title} ${content.number ?? ''}</title>`;
  const lang = frame.language === 'zh' ? 'zh-CN' : 'en';
  return {
    body: `<!doctype html><html lang="${lang}"><head>${head}<style>${style}</style><style>${faces}</style></head><body>${inside}</body></html>`,
    policy: [
      "default-src 'none'",
      `style-src 'sha256-${styleHash}' 'sha256-${sha256(faces)}'`,
      'font-src data:',
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'self'",
    ].join('; '),
  };
}

/** In ghtml `\${}` escapes and `!\${}` does not: the latter stands only before what a template has made. */
function bodyOf(content: PageContent, frame: PageFrame): string {
  const word = (term: string) => label(term, 'page')[frame.language];
  const { title, number, copies, tables, total, approvals, sign } = content;
  return html`<header>
      <div class="company">${frame.company}</div>
      <h1>${title}</h1>
    </header>
    <div class="line"><span>${copies.join('　')}</span><span>${number ? `${word('number')} ${number}` : ''}</span></div>
    <table class="fields">
      <tbody>
        !${fieldRows(content.fields)}
      </tbody>
    </table>
    !${tables.map(tableOf)} !${total ? totalRow(total, word) : ''} !${approvals ? tableOf(approvals) : ''}
    !${sign.length > 0 ? signBoxes(sign, word) : ''}
    <footer>
      <div>
        ${word('state')} ${frame.state}　${word('version')} ${frame.version}　${word('createdAt')} ${frame.made.at}　
        ${word('createdBy')} ${frame.made.by}
      </div>
      !${frame.hash ? html`<div class="hash">${word('seal')} ${frame.hash}</div>` : ''}
      <div>${word('printed')} ${frame.printed.at} ${frame.printed.by}</div>
    </footer>`;
}

/** Two fields a row; a long text has the row to itself. */
function fieldRows(fields: PageContent['fields']): string[] {
  const rows: PageContent['fields'][] = [];
  for (const field of fields) {
    const last = rows.at(-1);
    const fits = last?.length === 1 && !isLong(last[0]!) && !isLong(field);
    if (fits) rows[rows.length - 1] = [last[0]!, field];
    else rows.push([field]);
  }
  return rows.map((row) => {
    const cells = row.map(
      ({ label: name, text }) =>
        html`<th scope="row">${name}</th><td!${row.length === 1 ? ' colspan="3"' : ''}>${text}</td>`,
    );
    return html`<tr>
      !${cells}
    </tr>`;
  });
}
const isLong = ({ text }: { text: string }) => text.length > 40;

const figure = (is: boolean | undefined) => (is ? ' class="figure"' : '');

function tableOf({ label: name, columns, rows }: Table): string {
  const heads = columns.map((column) => html`<th scope="col">${column.label}</th>`);
  const lines = rows.map((row) => {
    const cells = row.map((text, i) => html`<td!${figure(columns[i]!.figure)}>${text}</td>`);
    return html`<tr>
      !${cells}
    </tr>`;
  });
  return html`<h2>${name}</h2>
    <table class="rows">
      <thead>
        <tr>
          !${heads}
        </tr>
      </thead>
      <tbody>
        !${lines}
      </tbody>
    </table>`;
}

function totalRow({ label: name, amount, words }: NonNullable<PageContent['total']>, word: (term: string) => string) {
  const inWords = words
    ? html`<th scope="row">${word('totalInWords')}</th>
        <td>${words}</td>`
    : '';
  return html`<table class="total">
    <tbody>
      <tr>
        !${inWords}
        <th scope="row">${name}</th>
        <td class="figure">${amount}</td>
      </tr>
    </tbody>
  </table>`;
}

const signBoxes = (sign: readonly string[], word: (term: string) => string) =>
  html`<div class="sign">
    !${sign.map((role) => html`<div><span>${role}</span><small>${word('signature')}</small></div>`)}
  </div>`;
