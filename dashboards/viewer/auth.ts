/** Login by OpenID Connect: authorization code with PKCE at <origin>/auth, tokens renewed by the rotating refresh token. */
import { UserManager, WebStorageStateStore, type User } from 'oidc-client-ts';
import type { Tokens } from './api.js';

export class Login implements Tokens {
  readonly #manager: UserManager;
  #user: User | null = null;
  #renewing: Promise<User | null> | undefined;

  constructor(origin: string) {
    this.#manager = new UserManager({
      authority: `${origin}/auth`,
      client_id: 'fenxiao-web',
      redirect_uri: `${origin}/`,
      post_logout_redirect_uri: `${origin}/`,
      response_type: 'code',
      scope: 'openid',
      // Of this tab only, and gone with it.
      userStore: new WebStorageStateStore({ store: window.sessionStorage }),
      automaticSilentRenew: false,
    });
  }

  /**
   * Finishes a login that this address is the end of, or takes up the one of this tab.
   * @returns where the person was going
   * @throws Error when the provider refused
   */
  async resume(address: URL): Promise<string | undefined> {
    const query = address.searchParams;
    if (query.has('state') && (query.has('code') || query.has('error'))) {
      this.#user = await this.#manager.signinRedirectCallback();
      return (this.#user.state as { to?: string } | undefined)?.to ?? '/';
    }
    this.#user = await this.#manager.getUser();
    return undefined;
  }

  get signedIn(): boolean {
    return this.#user !== null;
  }

  /** Leaves the page. */
  async signIn(to: string): Promise<void> {
    await this.#manager.signinRedirect({ state: { to } });
  }

  /** Leaves the page. */
  async signOut(): Promise<void> {
    await this.#manager.signoutRedirect();
  }

  async accessToken(renew = false): Promise<string> {
    const left = this.#user?.expires_in ?? 0;
    if (renew || left < 30) {
      this.#renewing ??= this.#manager.signinSilent().finally(() => (this.#renewing = undefined));
      try {
        this.#user = await this.#renewing;
      } catch {
        this.#user = null;
      }
    }
    if (this.#user) return this.#user.access_token;
    await this.#manager.removeUser();
    await this.signIn(location.pathname + location.search);
    // The page is being left: whoever waits need not hear of it.
    return new Promise(() => {});
  }
}
