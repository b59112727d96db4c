import type { Place } from './address.js';
import type { Login } from './auth.js';
import { usePage } from './context.js';
import { Icon } from './icons.js';
import type { Listed } from './model.js';
import { Popover } from './popover.js';
import type { Appearance } from './preferences.js';
import type { Language, Word } from './words.js';

export interface HeaderProps {
  list: Listed[] | undefined;
  roles: string[];
  place: Place;
  login: Login;
  appearance: Appearance;
  onLanguage(language: Language): void;
  onAppearance(appearance: Appearance): void;
}

const appearances: [Appearance, Word][] = [
  ['system', 'system'],
  ['light', 'light'],
  ['dark', 'dark'],
];

export function Header({ list = [], roles, place, login, appearance, onLanguage, onAppearance }: HeaderProps) {
  const { say, language } = usePage();
  const other = language === 'zh' ? 'en' : 'zh';
  return (
    <header class="top">
      <a class="brand" href="/">
        <span class="brand-mark" aria-hidden="true">
          分
        </span>
        {language === 'zh' ? '分销' : 'Fenxiao'}
      </a>
      <nav class="tabs" aria-label={say('dashboards')}>
        {list.map(({ uid, title }) => (
          <a key={uid} href={`/d/${uid}`} aria-current={place.uid === uid ? 'page' : undefined}>
            {title}
          </a>
        ))}
      </nav>
      <div class="top-end">
        <button
          type="button"
          class="button quiet"
          lang={other === 'zh' ? 'zh-CN' : 'en'}
          onClick={() => onLanguage(other)}
        >
          {say('otherLanguage')}
        </button>
        <Popover face={<Icon name="person" />} label={say('menu')} class="button square quiet" align="end">
          {() => (
            <div class="menu">
              <fieldset class="segments">
                <legend>{say('appearance')}</legend>
                {appearances.map(([value, word]) => (
                  <label key={value}>
                    <input
                      type="radio"
                      name="appearance"
                      checked={appearance === value}
                      onChange={() => onAppearance(value)}
                    />
                    <span>{say(word)}</span>
                  </label>
                ))}
              </fieldset>
              {login.signedIn && <a href="/console">{say('console')}</a>}
              <a href="/docs">{say('apiDocs')}</a>
              {roles.includes('system-administrator') && <a href="/auth/admin">{say('administration')}</a>}
              {login.signedIn ? (
                <button type="button" class="row" onClick={() => void login.signOut()}>
                  {say('signOut')}
                </button>
              ) : (
                <button type="button" class="row" onClick={() => void login.signIn('/')}>
                  {say('signIn')}
                </button>
              )}
            </div>
          )}
        </Popover>
      </div>
    </header>
  );
}
