import { createHash } from 'node:crypto';
import type { Language } from '@fenxiao/domain/dictionary';
import { html } from 'ghtml';
import { grouped } from './access.js';
import { defects, type PublicWord, type PublicWords } from './words.js';

/** The pages of those without an account, as HTML that needs nothing else: no script, no cookie, no other address. */

const style = `
:root{color-scheme:light dark;--ground:#f3f5f8;--card:#fff;--text:#1d2733;--soft:#52606d;--line:#7b8794;--main:#1b5e9b;--on:#fff;--bad:#b3261e;--good:#1d6b3a}
@media(prefers-color-scheme:dark){:root{--ground:#12171d;--card:#1c232b;--text:#e4e9ee;--soft:#a9b5c1;--line:#6b7885;--main:#6db0ec;--on:#0d1319;--bad:#ff8a80;--good:#7fd39b}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--text);font:16px/1.6 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans SC",sans-serif;padding:16px}
main{background:var(--card);border-radius:12px;padding:clamp(16px,5vw,36px);max-width:640px;margin:0 auto}
.head{display:flex;justify-content:space-between;gap:16px;font-size:14px}
.brand{color:var(--main);font-weight:700;letter-spacing:.04em}
a{color:var(--main)}
h1{font-size:24px;line-height:1.3;margin:16px 0 12px}
fieldset{border:0;margin:0;padding:0;min-width:0}
legend{font-weight:600;padding:0;margin:0 0 12px}
fieldset.goods{border-top:1px solid var(--line);padding-top:16px;margin-top:8px}
label,.choice{display:block;margin:0 0 16px}
.hint{display:block;color:var(--soft);font-size:14px}
input:not([type=radio]),select,textarea{display:block;width:100%;min-height:44px;margin-top:4px;padding:9px 12px;font:inherit;color:var(--text);background:var(--ground);border:1px solid var(--line);border-radius:8px}
textarea{min-height:120px;resize:vertical}
[aria-invalid=true]{border-color:var(--bad)!important;border-width:2px!important}
.choice label{display:inline-flex;align-items:center;gap:8px;min-height:44px;margin:0 20px 0 0}
.choice input{width:20px;height:20px;accent-color:var(--main)}
.scale{display:flex;flex-wrap:wrap;gap:8px;margin:0 0 4px}
.scale label{display:flex;flex:1 0 52px;flex-direction:column;align-items:center;justify-content:center;min-height:56px;margin:0;padding:6px 4px;border:1px solid var(--line);border-radius:8px;cursor:pointer}
.scale input{width:20px;height:20px;margin:0 0 2px;accent-color:var(--main)}
.scale label:has(:checked){border-color:var(--main);box-shadow:inset 0 0 0 1px var(--main)}
.ends{display:flex;justify-content:space-between;gap:16px;margin:0 0 20px;color:var(--soft);font-size:14px}
.two{display:grid;grid-template-columns:1fr 1fr;gap:0 16px}
:focus-visible{outline:3px solid var(--main);outline-offset:2px}
button{width:100%;min-height:48px;font:inherit;font-weight:600;color:var(--on);background:var(--main);border:0;border-radius:8px;cursor:pointer}
.message{margin:0 0 16px;padding:12px 14px;border:2px solid var(--bad);border-radius:8px}
.message ul{margin:4px 0 0;padding-left:20px}
dl{display:grid;grid-template-columns:auto 1fr;gap:8px 20px;margin:0 0 20px}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
.code{font:600 18px/1.6 ui-monospace,monospace;letter-spacing:.04em;user-select:all}
@media(max-width:480px){.two{grid-template-columns:1fr}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:10px}}
`;

/** For header Content-Security-Policy: our own style, forms to ourselves, nothing else. */
export const policy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** What the frame of every page says. */
interface Frame {
  readonly language: Language;
  readonly brand: string;
  readonly otherLanguage: string;
}

/** @param here the address of the page itself, as seen from it; its query, if it has one, is kept */
export function page(t: Frame, title: string, here: string, body: string): string {
  const other = t.language === 'zh' ? 'en' : 'zh';
  const head = html`<meta charset="utf-8" /><meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="robots" content="noindex" /><title>${title} · ${t.brand}</title>`;
  return `<!doctype html><html lang="${t.language === 'zh' ? 'zh-CN' : 'en'}"><head>${head}<style>${style}</style></head>${html`<body>
    <main>
      <div class="head">
        <span class="brand">${t.brand}</span
        ><a
          href="${here}${here.includes('?') ? '&' : '?'}lang=${other}"
          lang="${other === 'zh' ? 'zh-CN' : 'en'}"
          hreflang="${other}"
          >${t.otherLanguage}</a
        >
      </div>
      <h1>${title}</h1>
      !${body}
    </main>
  </body>`}</html>`;
}

/** What was typed, by the name of the field. */
export type Typed = Readonly<Record<string, string>>;
/** What is wrong with a field; `form`: with the whole of it. */
export type Wrong = Readonly<Record<string, 'needed' | 'invalid' | 'refused'>>;

export const wishes = ['replace', 'refund', 'price-reduction', 'repair', 'advice'] as const;

export function filePage(t: PublicWords, code: string, typed: Typed = {}, wrong: Wrong = {}): string {
  const bad = (name: string) => (name in wrong ? 'aria-invalid="true" aria-describedby="wrong"' : '');
  const input = (name: PublicWord, attributes: string, hint?: string) =>
    html`<label
      >${t[name]}!${hint ? html` <span class="hint">${hint}</span>` : ''}<input
        name="${name}"
        value="${typed[name] ?? ''}"
        !${attributes}
        !${bad(name)}
    /></label>`;
  const kind = (value: 'quality' | 'service') =>
    html`<label
      ><input
        type="radio"
        name="kind"
        value="${value}"
        required
        !${(typed['kind'] ?? 'quality') === value ? 'checked' : ''}
      />${t[value]}</label
    >`;
  const choice = (name: PublicWord, none: string, options: readonly (readonly [value: string, text: string])[]) =>
    html`<label
      >${t[name]}<select name="${name}" !${bad(name)}>
        !${[['', none] as const, ...options]
          .map(
            ([value, text]) =>
              html`<option value="${value}" !${(typed[name] ?? '') === value ? 'selected' : ''}>${text}</option>`,
          )
          .join('')}
      </select></label
    >`;
  const goods = [
    input('receipt', 'maxlength="200"', t.receiptHint),
    input('productName', 'maxlength="200"'),
    `<div class="two">${input('specification', 'maxlength="200"', t.specificationHint)}${input('quantity', 'inputmode="decimal" maxlength="15"')}</div>`,
    `<div class="two">${input('grade', 'maxlength="40"', t.printed)}${input('colourNumber', 'maxlength="200"', t.printed)}</div>`,
    input('purchasedOn', 'type="date"'),
    choice(
      'defect',
      t.choose,
      defects.map((defect) => [defect.zh, defect[t.language]] as const),
    ),
    choice(
      'wanted',
      t.noWish,
      wishes.map((wish) => [wish, t[wish]] as const),
    ),
  ].join('');
  const body = html`<p>${t.intro}</p>
    <p><a href="complain/status?lang=${t.language}">${t.followLink}</a></p>
    !${problems(t, wrong)}
    <form method="post" action="?lang=${t.language}">
      <input type="hidden" name="code" value="${code}" />
      <fieldset class="choice">
        <legend>${t.kind}</legend>
        !${kind('quality')}!${kind('service')}
      </fieldset>
      !${input('customer', 'required maxlength="200" autocomplete="name"')}
      !${input('telephone', 'required type="tel" maxlength="200" autocomplete="tel"', t.telephoneHint)}
      <label
        >${t.description}<textarea name="description" required maxlength="4000" !${bad('description')}>
${typed['description'] ?? ''}</textarea>
      </label>
      <fieldset class="goods">
        <legend>${t.goods}</legend>
        !${goods}
      </fieldset>
      <button>${t.send}</button>
    </form>`;
  return page(t, t.title, '', body);
}

function problems(t: PublicWords, wrong: Wrong): string {
  const all = Object.entries(wrong);
  if (all.length === 0) return '';
  const items = all.map(
    ([name, why]) => html`<li>${name in t && name !== 'form' ? `${t[name as PublicWord]}: ` : ''}${t[why]}</li>`,
  );
  return html`<div class="message" role="alert" id="wrong">
    ${t.wrong}
    <ul>
      !${items.join('')}
    </ul>
  </div>`;
}

export function filedPage(t: PublicWords, number: string, code: string): string {
  const body = html`<p role="status">${t.keep}</p>
    <dl>
      <dt>${t.number}</dt>
      <dd class="code">${number}</dd>
      <dt>${t.code}</dt>
      <dd class="code">${grouped(code)}</dd>
    </dl>
    <p><a href="complain/status?lang=${t.language}">${t.followLink}</a></p>`;
  return page(t, t.filed, '', body);
}

/** Where a case stands, as its customer may know. */
export interface Standing {
  readonly number: string;
  readonly receivedAt: string;
  readonly stage: PublicWord;
  /** what was decided, once that is settled */
  readonly outcome?: PublicWord;
  readonly informedOn?: string;
}

export function followPage(
  t: PublicWords,
  { typed = {}, standing, wrong }: { typed?: Typed; standing?: Standing; wrong?: PublicWord },
): string {
  const shown = standing && [
    [t.number, standing.number],
    [t.status, t[standing.stage]],
    [t.receivedAt, standing.receivedAt],
    ...(standing.outcome ? [[t.outcome, t[standing.outcome]]] : []),
    ...(standing.informedOn ? [[t.informedOn, standing.informedOn]] : []),
  ];
  const answer = shown
    ? html`<div role="status">
          <dl>
            !${shown
              .map(
                ([name, value]) =>
                  html`<dt>${name}</dt>
                    <dd>${value}</dd>`,
              )
              .join('')}
          </dl>
        </div>
        <p>${t.rights}</p>`
    : '';
  const body = html`!${wrong ? html`<p class="message" role="alert">${t[wrong]}</p>` : ''}!${answer}
    <form method="post" action="?lang=${t.language}">
      <label
        >${t.number}<input
          name="number"
          value="${typed['number'] ?? ''}"
          required
          maxlength="64"
          autocapitalize="characters"
      /></label>
      <label
        >${t.code}<input
          name="code"
          required
          maxlength="64"
          autocomplete="off"
          autocapitalize="characters"
          spellcheck="false"
      /></label>
      <button>${t.follow}</button>
    </form>
    <p><a href="../complain?lang=${t.language}">${t.fileLink}</a></p>`;
  return page(t, t.followTitle, '', body);
}

export const messagePage = (t: PublicWords, word: PublicWord): string =>
  page(t, t.title, '', html`<p class="message" role="alert">${t[word]}</p>`);
