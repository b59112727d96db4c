/** A rule said no: not everybody may do everything. */
export class Refused extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** The API as the demonstration's accounts use it, each with a token of its own. */
export class Api {
  constructor(
    private readonly url: string,
    private readonly tokens: Readonly<Record<string, string>>,
  ) {}

  /**
   * A request of an account; with a form and a key it is made once, and repeated it gives the same answer.
   * @param version of what is to be changed, as it was read, where the move edits it
   * @throws Refused when a rule forbids it
   */
  async ask<T>(login: string, path: string, form?: object, key?: string, version?: number): Promise<T> {
    const response = await fetch(`${this.url}/api/${path}`, {
      method: form ? 'POST' : 'GET',
      headers: {
        authorization: `Bearer ${this.tokens[login]}`,
        ...(form ? { 'content-type': 'application/json', 'idempotency-key': `day-${key ?? path}` } : {}),
        ...(version ? { 'if-match': `"${version}"` } : {}),
      },
      ...(form ? { body: JSON.stringify(form) } : {}),
      signal: AbortSignal.timeout(60_000),
    });
    const body = (await response.json()) as T & { code?: string; detail?: string };
    if (response.ok) return body;
    const said = `${login} ${path}: ${response.status} ${body.code} ${body.detail}`;
    if ([403, 409, 422].includes(response.status)) throw new Refused(String(body.code), said);
    throw new Error(said);
  }

  /** A form of a page for those without an account, as a browser sends it. */
  async fill(path: string, fields: Readonly<Record<string, string>>): Promise<void> {
    const body = new URLSearchParams(fields);
    const { status } = await fetch(`${this.url}${path}`, { method: 'POST', body, signal: AbortSignal.timeout(60_000) });
    if (status >= 300) throw new Refused(`http.${status}`, `${path}: ${status}`);
  }

  /** A whole list, page by page. */
  async list<T>(login: string, path: string): Promise<T[]> {
    const items: T[] = [];
    for (let next: string | null = ''; next !== null;) {
      const page: Page<T> = await this.ask(
        login,
        `${path}${path.includes('?') ? '&' : '?'}limit=200${next && `&cursor=${next}`}`,
      );
      items.push(...page.items);
      next = page.next;
    }
    return items;
  }
}

/** Does something with each, so many at a time. */
export async function inTurns<T>(lanes: number, items: readonly T[], each: (item: T) => Promise<void>): Promise<void> {
  const rest = [...items];
  const lane = async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await each(item);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
