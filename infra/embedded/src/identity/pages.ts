import { createHash } from 'node:crypto';
import type { Account } from './accounts.js';
import { html, Html } from './html.js';
import { shortestPassword } from './password.js';
import type { Texts } from './texts.js';

const style = `
:root{color-scheme:light dark;--ground:#f3f5f8;--card:#fff;--text:#1d2733;--soft:#5b6875;--line:#d5dce4;--main:#1b5e9b;--bad:#b3261e;--good:#1d6b3a}
@media(prefers-color-scheme:dark){:root{--ground:#12171d;--card:#1c232b;--text:#e4e9ee;--soft:#9aa7b4;--line:#38434f;--main:#4f9be0;--bad:#ff8a80;--good:#7fd39b}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;background:var(--ground);color:var(--text);font:16px/1.5 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans SC",sans-serif;display:grid;place-items:center;padding:24px}
main{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:32px;width:100%;max-width:400px;box-shadow:0 8px 30px #0001}
main.wide{max-width:1000px}
.brand{color:var(--main);font-weight:700;letter-spacing:.05em;margin:0 0 4px}
h1{font-size:22px;margin:0 0 20px}h2{font-size:17px;margin:28px 0 12px}
label{display:block;margin:0 0 14px;font-size:14px;color:var(--soft)}
input:not([type=checkbox]){display:block;width:100%;margin-top:4px;padding:10px 12px;font:inherit;color:var(--text);background:var(--ground);border:1px solid var(--line);border-radius:8px}
input:focus-visible,button:focus-visible,a:focus-visible{outline:2px solid var(--main);outline-offset:1px}
button,.button{display:inline-block;width:100%;padding:11px 16px;font:inherit;font-weight:600;text-align:center;text-decoration:none;color:#fff;background:var(--main);border:0;border-radius:8px;cursor:pointer;margin-top:6px}
button.plain{background:none;color:var(--main);border:1px solid var(--line)}
td button{width:auto;padding:4px 10px;font-size:13px;margin:0 4px 4px 0}td form{display:inline}
.note{font-size:14px;color:var(--soft)}.bad{color:var(--bad)}.good{color:var(--good)}
.message{margin:0 0 16px;padding:10px 12px;border:1px solid currentColor;border-radius:8px;font-size:14px}
table{width:100%;border-collapse:collapse;font-size:14px}th,td{text-align:left;padding:8px;border-bottom:1px solid var(--line);vertical-align:top}
.scroll{overflow-x:auto}.row{display:grid;grid-template-columns:1fr 1fr auto auto;gap:12px;align-items:end}.row label{margin:0}.row button{width:auto}
code{display:block;word-break:break-all;padding:10px;background:var(--ground);border-radius:8px;user-select:all}
@media(max-width:640px){.row{grid-template-columns:1fr}main{padding:20px}}
`;

// One piece: the policy below allows exactly this text, and a blank more would be another one.
const styleElement = new Html(`<style>${style}</style>`);

/** For header Content-Security-Policy: nothing but our own style; forms go nowhere else. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

export function page(t: Texts, title: string, body: Html, wide = false): string {
  return html`<!doctype html>
    <html lang="${t.lang === 'zh' ? 'zh-CN' : 'en'}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title} · ${t.brand}</title>
        ${styleElement}
      </head>
      <body>
        <main class="${wide ? 'wide' : ''}">
          <p class="brand">${t.brand}</p>
          <h1>${title}</h1>
          ${body}
        </main>
      </body>
    </html>`.text;
}

/** A message and, where there is one, the way on. */
export function messagePage(t: Texts, title: string, message: string, next?: string): string {
  const way = next && html`<a class="button" href="${next}">${t.goOn}</a>`;
  return page(
    t,
    title,
    html`<p>${message}</p>
      ${way || undefined}`,
  );
}

export interface FormState {
  /** Proof that the form was served to this browser. */
  csrf: string;
  error?: string | undefined;
}

const hidden = (name: string, value: string) => html`<input type="hidden" name="${name}" value="${value}" />`;
const complaint = (error: string | undefined) =>
  error !== undefined && html`<p class="message bad" role="alert">${error}</p>`;

export function loginPage(t: Texts, form: FormState & { login: string }): string {
  return page(
    t,
    t.signIn,
    html`${complaint(form.error)}
      <form method="post">
        ${hidden('csrf', form.csrf)}
        <label
          >${t.login}<input
            name="login"
            value="${form.login}"
            autocomplete="username"
            autocapitalize="none"
            required
            ${form.login ? '' : 'autofocus'}
        /></label>
        <label
          >${t.password}<input
            name="password"
            type="password"
            autocomplete="current-password"
            required
            ${form.login ? 'autofocus' : ''}
        /></label>
        <button>${t.signIn}</button>
      </form>`,
  );
}

/** Asks for a new password, twice; for the old one and the login name too when the page does not know who asks. */
export function passwordPage(
  t: Texts,
  title: string,
  form: FormState & { note?: string; login?: string; proof?: string; asksWho?: boolean },
): string {
  const who =
    form.asksWho &&
    html`<label
        >${t.login}<input name="login" value="${form.login}" autocomplete="username" autocapitalize="none" required
      /></label>
      <label
        >${t.currentPassword}<input name="password" type="password" autocomplete="current-password" required
      /></label>`;
  const chosen = (name: string, text: string) =>
    html`<label
      >${text}<input
        name="${name}"
        type="password"
        autocomplete="new-password"
        minlength="${shortestPassword}"
        required
    /></label>`;
  return page(
    t,
    title,
    html`${form.note !== undefined && html`<p>${form.note}</p>`} ${complaint(form.error)}
      <form method="post">
        ${hidden('csrf', form.csrf)} ${form.proof !== undefined && hidden('proof', form.proof)} ${who}
        ${chosen('newPassword', t.newPassword)} ${chosen('repeated', t.repeatPassword)}
        <p class="note">${t.passwordRule}</p>
        <button>${t.save}</button>
      </form>`,
  );
}

/** `form` is oidc-provider's own, empty of buttons. */
export function logoutPage(t: Texts, form: string): string {
  return page(
    t,
    t.signOut,
    html`<p>${t.signOutQuestion}</p>
      ${new Html(form)}
      <button type="submit" form="op.logoutForm" value="yes" name="logout" autofocus>${t.signOut}</button>
      <button type="submit" form="op.logoutForm" class="plain">${t.stay}</button>`,
  );
}

export interface AccountsView extends FormState {
  accounts: Account[];
  /** The administrator who looks. */
  viewer: Account;
  /** A link just made, to be shown this once. */
  made?: { login: string; link: string } | undefined;
  /** Address of the next page. */
  more?: string | undefined;
}

export function accountsPage(t: Texts, view: AccountsView): string {
  const button = (account: Account, action: 'enable' | 'disable' | 'reset') =>
    html`<form method="post">
      ${hidden('csrf', view.csrf)}${hidden('id', account.id)}<button class="plain" name="action" value="${action}">
        ${t[action]}
      </button>
    </form>`;
  const row = (account: Account) => {
    const marks = [
      account.state === 'active' ? t.active : t.disabled,
      account.administrator && t.administrator,
      account.kind === 'system' && t.system,
      account.demonstration && t.demonstration,
      account.kind === 'person' && !account.hasPassword && t.noPassword,
    ].filter((mark) => mark !== false);
    const own = account.id === view.viewer.id || account.kind === 'system';
    return html`<tr>
      <td>${account.login}</td>
      <td>${account.name}</td>
      <td>${marks.join(' · ')}</td>
      <td>${account.createdAt.toISOString().slice(0, 10)}</td>
      <td>${!own && [button(account, account.state === 'active' ? 'disable' : 'enable'), button(account, 'reset')]}</td>
    </tr>`;
  };
  const made =
    view.made &&
    html`<div class="message good" role="status">${t.linkFor(view.made.login)}<code>${view.made.link}</code></div>`;
  return page(
    t,
    t.accounts,
    html`${complaint(view.error)} ${made}
      <h2>${t.newAccount}</h2>
      <form method="post" class="row">
        ${hidden('csrf', view.csrf)}
        <label>${t.login}<input name="login" required autocomplete="off" autocapitalize="none" /></label>
        <label>${t.name}<input name="name" required autocomplete="off" /></label>
        <label><input type="checkbox" name="administrator" /> ${t.administrator}</label>
        <button name="action" value="create">${t.create}</button>
      </form>
      <h2>${t.accounts}</h2>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th>${t.login}</th>
              <th>${t.name}</th>
              <th>${t.state}</th>
              <th>${t.created}</th>
              <th></th>
            </tr>
          </thead>
          <tbody>
            ${view.accounts.map(row)}
          </tbody>
        </table>
      </div>
      ${view.more && html`<p><a href="${view.more}">${t.more}</a></p>`}`,
    true,
  );
}
