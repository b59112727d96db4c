import type { SurveyKind } from '@fenxiao/contracts/surveys';
import { html } from 'ghtml';
import { page } from '../public/page.js';
import { scoresOf } from './scales.js';
import { questionOf, type SurveyWord, type SurveyWords } from './words.js';

/** C-18: the page on which a customer answers, without an account, a script or a cookie. */

/** What a survey asks, as its customer sees it. */
export interface Question {
  readonly kind: SurveyKind;
  /** the number of the delivery or of the complaint */
  readonly aboutNumber: string | null;
}

const here = (token: string): string => `?token=${encodeURIComponent(token)}`;

/** The form; the token goes back in its body, so that only the link itself has it in an address. */
export function questionPage(
  t: SurveyWords,
  { kind, aboutNumber }: Question,
  token: string,
  typed: Readonly<Record<string, string>> = {},
  wrong?: SurveyWord,
): string {
  const [first, last] = kind === 'nps' ? ([t.least, t.most] as const) : ([t.worst, t.best] as const);
  const bad = wrong ? 'aria-invalid="true" aria-describedby="wrong"' : '';
  const scores = scoresOf(kind).map(
    (score) =>
      html`<label
        ><input
          type="radio"
          name="score"
          value="${score}"
          required
          !${typed['score'] === String(score) ? 'checked' : ''}
        />${score}</label
      >`,
  );
  const body = html`<p>${t.intro}</p>
    !${wrong ? html`<p class="message" role="alert" id="wrong">${t[wrong]}</p>` : ''}
    <form method="post" action="survey?lang=${t.language}">
      <input type="hidden" name="token" value="${token}" />
      <fieldset aria-describedby="ends" !${wrong === 'needed' ? bad : ''}>
        <legend>
          ${t[questionOf[kind]]}!${aboutNumber ? html` <span class="hint">${t.number} ${aboutNumber}</span>` : ''}
        </legend>
        <div class="scale">!${scores.join('')}</div>
        <p class="ends" id="ends"><span>${first}</span><span>${last}</span></p>
      </fieldset>
      <label
        >${t.comment} <span class="hint">${t.commentHint}</span
        ><textarea name="comment" maxlength="2000" !${wrong === 'tooLong' ? bad : ''}>
${typed['comment'] ?? ''}</textarea>
      </label>
      <button>${t.send}</button>
    </form>`;
  return page(t, t.title, here(token), body);
}

export const thanksPage = (t: SurveyWords, token: string): string =>
  page(t, t.thanks, here(token), html`<p role="status">${t.received}</p>`);

/** Forged, expired, or of nothing: the same for all. */
export const notOpenPage = (t: SurveyWords): string =>
  page(
    t,
    t.notOpen,
    '',
    html`<p class="message" role="alert">${t.notOpenWhy}</p>
      <p><a href="complain?lang=${t.language}">${t.language === 'zh' ? '提交投诉' : 'Make a complaint'}</a></p>`,
  );

export const tooManyPage = (t: SurveyWords): string =>
  page(t, t.title, '', html`<p class="message" role="alert">${t.tooMany}</p>`);
