import { render } from 'preact';
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import { type Place, readPlace, writePlace } from './address.js';
import { Api, ApiError } from './api.js';
import { Login } from './auth.js';
import { type Page, PageContext, usePage } from './context.js';
import { DashboardPage } from './dashboard-page.js';
import { Header } from './header.js';
import { Icon } from './icons.js';
import type { Dashboard, Listed } from './model.js';
import { describe } from './panel-box.js';
import { chosenAppearance, chosenLanguage, type Appearance, storeAppearance, storeLanguage } from './preferences.js';
import { lookOf } from './theme.js';
import { speak } from './words.js';

const login = new Login(location.origin);

/** The server may know more paths than these; links to them load as usual. */
const ours = /^\/(d\/[\w-]+)?$/;

function App({ failure }: { failure: string | undefined }) {
  const [address, setAddress] = useState(location.pathname + location.search);
  const [language, setLanguage] = useState(chosenLanguage);
  const [appearance, setAppearance] = useState(chosenAppearance);
  const [printing, print] = usePrinting();
  const dark = useDark(appearance) && !printing;
  const place = useMemo(() => readPlace(new URL(address, location.origin)), [address]);

  const go = useCallback((to: string) => {
    history.pushState(null, '', to);
    setAddress(to);
  }, []);
  const change = (next: Place) => go(writePlace(next));

  useEffect(() => {
    const back = () => setAddress(location.pathname + location.search);
    const click = (event: MouseEvent) => {
      const link = (event.target as Element).closest?.('a');
      if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey)
        return;
      if (link.origin !== location.origin || link.target || !ours.test(link.pathname)) return;
      event.preventDefault();
      go(link.pathname + link.search);
    };
    addEventListener('popstate', back);
    document.addEventListener('click', click);
    return () => {
      removeEventListener('popstate', back);
      document.removeEventListener('click', click);
    };
  }, []);

  useEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
    storeLanguage(language);
  }, [language]);
  useEffect(() => {
    document.documentElement.dataset['theme'] = dark ? 'dark' : 'light';
    storeAppearance(appearance);
  }, [dark, appearance]);
  useEffect(() => {
    document.documentElement.classList.toggle('kiosk', place.kiosk);
    const left = () => {
      if (!document.fullscreenElement && place.kiosk) change({ ...place, kiosk: false });
    };
    document.addEventListener('fullscreenchange', left);
    return () => document.removeEventListener('fullscreenchange', left);
  }, [place]);

  const page = useMemo<Page>(
    () => ({ api: new Api(login, language), language, say: speak(language), look: lookOf(dark), go, print }),
    [language, dark],
  );
  const { list, roles, dashboard, error } = useData(page, place.uid);

  return (
    <PageContext.Provider value={page}>
      <a class="skip" href="#content">
        {page.say('skip')}
      </a>
      <Header {...{ list, roles, place, login, appearance }} onLanguage={setLanguage} onAppearance={setAppearance} />
      <main id="content" tabIndex={-1}>
        {!login.signedIn ? (
          <Welcome failure={failure} />
        ) : error !== undefined ? (
          <Trouble error={error} />
        ) : place.uid === undefined ? (
          <Home list={list} />
        ) : dashboard ? (
          <DashboardPage key={`${dashboard.uid}-${language}`} {...{ dashboard, place }} onPlace={change} />
        ) : (
          <p class="notice" role="status">
            {page.say('loading')}
          </p>
        )}
      </main>
    </PageContext.Provider>
  );
}

function useDark(appearance: Appearance): boolean {
  const media = useMemo(() => matchMedia('(prefers-color-scheme: dark)'), []);
  const [system, setSystem] = useState(media.matches);
  useEffect(() => {
    const follow = () => setSystem(media.matches);
    media.addEventListener('change', follow);
    return () => media.removeEventListener('change', follow);
  }, []);
  return appearance === 'system' ? system : appearance === 'dark';
}

function usePrinting(): [boolean, () => void] {
  const [printing, setPrinting] = useState(false);
  useEffect(() => {
    if (!printing) return undefined;
    // Charts are drawn again in effects of the next frames.
    const timer = setTimeout(() => {
      window.print();
      setPrinting(false);
    }, 400);
    return () => clearTimeout(timer);
  }, [printing]);
  return [printing, useCallback(() => setPrinting(true), [])];
}

/** The list, the roles and the dashboard of the address; the one before stays on the screen until the next is there. */
function useData({ api }: Page, uid: string | undefined) {
  const [list, setList] = useState<Listed[]>();
  const [roles, setRoles] = useState<string[]>([]);
  const [dashboard, setDashboard] = useState<Dashboard>();
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    if (!login.signedIn) return undefined;
    const stop = new AbortController();
    const failed = (reason: unknown) => {
      if (!stop.signal.aborted) setError(reason);
    };
    setError(undefined);
    api.list(stop.signal).then(setList, failed);
    // Only decides which links are offered.
    api.me(stop.signal).then(
      (me) => setRoles(me.roles),
      () => undefined,
    );
    return () => stop.abort();
  }, [api]);
  useEffect(() => {
    if (!login.signedIn || uid === undefined) return undefined;
    const stop = new AbortController();
    setError(undefined);
    api.dashboard(uid, stop.signal).then(setDashboard, (reason: unknown) => {
      if (!stop.signal.aborted) setError(reason);
    });
    return () => stop.abort();
  }, [api, uid]);
  return { list, roles, error, dashboard: dashboard?.uid === uid ? dashboard : undefined };
}

function Welcome({ failure }: { failure: string | undefined }) {
  const { say } = usePage();
  return (
    <div class="welcome">
      <p class="welcome-brand">
        <span>分销</span> Fenxiao
      </p>
      <h1>{say('signInLead')}</h1>
      {failure !== undefined && (
        <p class="notice error" role="alert">
          {say('signInFailed')}: {failure}
        </p>
      )}
      <button type="button" class="button strong large" onClick={() => void login.signIn('/')}>
        {say('signIn')}
      </button>
      <p class="welcome-links">
        <a href="/docs">{say('apiDocs')}</a>
      </p>
    </div>
  );
}

function Home({ list }: { list: Listed[] | undefined }) {
  const { say } = usePage();
  useEffect(() => {
    document.title = `${say('dashboards')} · ${say('product')}`;
  }, [say]);
  if (!list)
    return (
      <p class="notice" role="status">
        {say('loading')}
      </p>
    );
  return (
    <div class="home">
      <h1>{say('dashboards')}</h1>
      {list.length === 0 && <p class="notice">{say('noDashboards')}</p>}
      <ul class="cards">
        {list.map(({ uid, title, description, tags }) => (
          <li key={uid}>
            <a class="card" href={`/d/${uid}`}>
              <strong>{title}</strong>
              <span>{description}</span>
              <small>{tags.join(' · ')}</small>
              <Icon name="arrow" />
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Trouble({ error }: { error: unknown }) {
  const { say } = usePage();
  const status = error instanceof ApiError ? error.status : undefined;
  return (
    <div class="notice error" role="alert">
      <Icon name="alert" />
      <p>
        <strong>{say('pageFailed')}</strong>
        <br />
        {status === 404 ? say('notFound') : status === 403 ? say('forbidden') : describe(error, say)}
      </p>
      <button type="button" class="button" onClick={() => location.reload()}>
        {say('retry')}
      </button>
    </div>
  );
}

async function start(): Promise<void> {
  let failure: string | undefined;
  try {
    const to = await login.resume(new URL(location.href));
    if (to !== undefined) history.replaceState(null, '', to);
    else if (!login.signedIn && location.pathname !== '/')
      return await login.signIn(location.pathname + location.search);
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
    history.replaceState(null, '', '/');
  }
  render(<App failure={failure} />, document.getElementById('app')!);
}

void start();
