import Provider, { interactionPolicy, type Configuration } from 'oidc-provider';
import type { Pool } from 'pg';
import type { Secrets } from '../secrets.js';
import type { Accounts } from './accounts.js';
import { oidcRecords } from './oidc-records.js';
import { contentSecurityPolicy, logoutPage, messagePage } from './pages.js';
import { textsFor } from './texts.js';
import { audience, tokenSeconds } from './tokens.js';

/** The audience as a resource indicator, which has to be a URI (RFC 8707). */
const resource = 'urn:fenxiao';
const loginSeconds = 14 * 24 * 60 * 60;

export interface ProviderOptions {
  /** Where browsers find the gateway, without a slash at the end; the issuer is `<publicUrl>/auth`. */
  publicUrl: string;
  secrets: Secrets['identity'];
  pool: Pool;
  accounts: Accounts;
}

/**
 * The OpenID provider. A token says who (`sub`) and nothing else.
 *
 * Clients: `fenxiao-web` (a browser; authorization code with PKCE, rotating refresh tokens), `fenxiao-import` and
 * `fenxiao-reconciliation` (client credentials; each acts as its system account) and `fenxiao-accounts` (our own pages:
 * gets a login and no token).
 */
export function createProvider({ publicUrl, secrets, pool, accounts }: ProviderOptions): Provider {
  const issuer = `${publicUrl}/auth`;
  const web = [`${publicUrl}/`, `${publicUrl}/console`];
  const policy = interactionPolicy.base();
  // All clients are our own: nobody has to be asked whether they may know who he is.
  policy.remove('consent');
  policy
    .get('login')
    ?.checks.add(
      new interactionPolicy.Check('account_gone', 'the account is disabled', ({ oidc }) =>
        Promise.resolve(!!oidc.session?.accountId && !oidc.account && !oidc.result?.['login']),
      ),
    );

  const configuration: Configuration = {
    adapter: oidcRecords(pool),
    jwks: { keys: secrets.signingKeys },
    cookies: {
      keys: secrets.cookieKeys,
      names: { session: 'fenxiao_session', interaction: 'fenxiao_login', resume: 'fenxiao_resume' },
      long: { signed: true, httpOnly: true, sameSite: 'lax', path: '/auth' },
      short: { signed: true, httpOnly: true, sameSite: 'lax' },
    },
    clients: [
      {
        client_id: 'fenxiao-web',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        redirect_uris: web,
        post_logout_redirect_uris: web,
      },
      ...Object.entries(secrets.clients).map(([id, { secret }]) => ({
        client_id: id,
        client_secret: secret,
        grant_types: ['client_credentials'],
        response_types: [],
        redirect_uris: [],
      })),
      {
        client_id: 'fenxiao-accounts',
        token_endpoint_auth_method: 'none',
        grant_types: [],
        response_types: ['none'],
        redirect_uris: [`${issuer}/admin`],
      },
    ],
    responseTypes: ['code', 'none'],
    scopes: ['openid'],
    claims: { openid: ['sub'] },
    routes: { authorization: '/authorize', end_session: '/logout' },
    interactions: { policy, url: (_, { uid }) => `/auth/interaction/${uid}` },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: { enabled: true },
      userinfo: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resource,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: '',
          audience,
          accessTokenFormat: 'jwt',
          accessTokenTTL: tokenSeconds,
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource(ctx, form) {
          ctx.set('content-security-policy', contentSecurityPolicy);
          ctx.body = logoutPage(textsFor(ctx.get('accept-language')), form);
        },
        postLogoutSuccessSource(ctx) {
          const t = textsFor(ctx.get('accept-language'));
          ctx.set('content-security-policy', contentSecurityPolicy);
          ctx.body = messagePage(t, t.signOut, t.signedOut, `${publicUrl}/`);
        },
      },
    },
    ttl: {
      AccessToken: tokenSeconds,
      ClientCredentials: tokenSeconds,
      IdToken: tokenSeconds,
      AuthorizationCode: 60,
      Interaction: 60 * 60,
      Session: loginSeconds,
      Grant: loginSeconds,
      RefreshToken: loginSeconds,
    },
    issueRefreshToken: (_, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    async findAccount(_, id) {
      const account = await accounts.find(id);
      return account?.state === 'active' ? { accountId: id, claims: () => ({ sub: id }) } : undefined;
    },
    async loadExistingGrant({ oidc }) {
      const { session, client, provider } = oidc;
      if (!session?.accountId || !client) return undefined;
      const id = session.grantIdFor(client.clientId);
      const present = id && (await provider.Grant.find(id));
      if (present) return present;
      const grant = new provider.Grant({ accountId: session.accountId, clientId: client.clientId });
      grant.addOIDCScope('openid');
      await grant.save();
      return grant;
    },
    formats: {
      customizers: {
        jwt(_, token, jwt) {
          if (token.kind === 'ClientCredentials')
            jwt.payload['sub'] = Object.entries(secrets.clients).find(([id]) => id === token.clientId)?.[1].account;
        },
      },
    },
    renderError(ctx, out) {
      const t = textsFor(ctx.get('accept-language'));
      ctx.type = 'html';
      ctx.set('content-security-policy', contentSecurityPolicy);
      const message = out.error === 'invalid_request' ? t.expired : (out.error_description ?? out.error);
      ctx.body = messagePage(t, t.error, message, `${publicUrl}/`);
    },
  };

  const provider = new Provider(issuer, configuration);
  // Only the gateway reaches this process, and it writes the X-Forwarded headers itself.
  provider.proxy = true;
  provider.on('server_error', (_, error) => console.error('identity: server error', error));
  return provider;
}
