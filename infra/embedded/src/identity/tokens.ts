/** What access tokens are for (`aud`). */
export const audience = 'fenxiao';
/** Lifetime of access tokens and ID tokens in seconds. */
export const tokenSeconds = 15 * 60;
