/** What went wrong, in the domain's own terms; the edge (HTTP, console) translates a kind into its own status. */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'stale'
  | 'precondition-required'
  | 'unprocessable'
  | 'too-large'
  | 'too-many'
  | 'unavailable';

/** One kind of refusal. `en` and `zh` are texts with places such as `{line}`, filled from the error's params. */
export interface ErrorDefinition {
  /** stable and public: `orders.price.outside-authority` */
  code: string;
  kind: ErrorKind;
  /** the clause it comes from: `O-11` */
  rule?: string;
  en: string;
  zh: string;
}

type Params = Readonly<Record<string, string | number>>;

/** Where an error arose: the input field, more data for the caller, and the error behind it. */
export interface ErrorSite {
  /** path in the input: `lines.0.unitPrice` */
  field?: string;
  extra?: Record<string, unknown>;
  cause?: unknown;
}

/** A refusal that the caller can understand and act on. Anything else thrown is a fault of ours. */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly code: string;
  readonly kind: ErrorKind;
  declare readonly rule?: string;
  declare readonly field?: string;
  declare readonly extra?: Readonly<Record<string, unknown>>;

  constructor(
    readonly definition: ErrorDefinition,
    readonly params: Params = {},
    site: ErrorSite = {},
  ) {
    super(fill(definition.en, params), 'cause' in site ? { cause: site.cause } : undefined);
    this.code = definition.code;
    this.kind = definition.kind;
    if (definition.rule !== undefined) this.rule = definition.rule;
    if (site.field !== undefined) this.field = site.field;
    if (site.extra !== undefined) this.extra = site.extra;
  }

  /** The message in the reader's language; `message` is the English one. */
  text(language: 'en' | 'zh'): string {
    return fill(this.definition[language], this.params);
  }
}

const declared = new Map<string, ErrorDefinition>();

/**
 * Declares an error once, with both languages, and returns the function that makes it:
 * `throw priceOutsideBand({ line: 1, deviation: '-4.2%' }, { field: 'lines.0.unitPrice' })`.
 * Throws if the code is taken or malformed, or if the two texts name different places.
 */
export function domainError(
  definition: ErrorDefinition,
): ((params?: Record<string, string | number>, at?: ErrorSite) => DomainError) & { definition: ErrorDefinition } {
  const { code, en, zh } = definition;
  if (!/^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+$/.test(code)) throw new Error(`Malformed error code "${code}"`);
  if (declared.has(code)) throw new Error(`Error code "${code}" is declared twice`);
  if (places(en) !== places(zh)) throw new Error(`The texts of "${code}" name different places`);
  declared.set(code, definition);
  return Object.assign((params?: Params, at?: ErrorSite) => new DomainError(definition, params, at), { definition });
}

/** Every error declared so far, by code: the list that the documentation of the API prints. */
export function definedErrors(): ReadonlyMap<string, ErrorDefinition> {
  return declared;
}

const place = /\{(\w+)\}/g;

/** A place without a param stays as it stands, so that the omission is seen. */
function fill(text: string, params: Params): string {
  return text.replace(place, (whole, name: string) => String(params[name] ?? whole));
}

function places(text: string): string {
  return [...new Set(text.match(place))].sort().join();
}
