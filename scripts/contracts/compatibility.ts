/** A JSON Schema (2020-12) as `z.toJSONSchema` writes it. */
export type Schema = boolean | { readonly [keyword: string]: unknown };

/** Keywords that say something to people and nothing to a validator. */
const shown = ['title', 'description', 'examples', 'deprecated', 'x-class', 'x-personal'];
const annotations = ['$schema', '$id', '$comment', 'ref', ...shown];
/** Keywords that are followed or compared field by field. */
const structure = ['$defs', '$ref', 'properties', 'required'];
const plain = new Set([...annotations, ...structure]);

/**
 * Why a schema may not take the place of the published one within a version. Consumers read old and new events with
 * either schema, so everything stays as it was but for optional fields that are added.
 * @returns one sentence for each difference, naming the field; none when it may
 */
export function incompatibilities(published: Schema, proposed: Schema): string[] {
  const followed = new Set<string>();
  return compare(published, proposed, '');

  function compare(before: unknown, after: unknown, path: string): string[] {
    if (refOf(before) && refOf(after)) {
      const pair = `${refOf(before)} ${refOf(after)}`;
      if (followed.has(pair)) return []; // compared where it stands first; a schema may refer to itself
      followed.add(pair);
    }
    const [was, is] = [resolve(before, published), resolve(after, proposed)];
    if (!isObject(was) || !isObject(is))
      return same(was, is) ? [] : [`${at(path)}: changed from ${text(was)} to ${text(is)}`];
    const keywords = new Set([...Object.keys(was), ...Object.keys(is)].filter((keyword) => !plain.has(keyword)));
    return [
      ...comparedFields(was, is, path),
      ...[...keywords].flatMap((keyword) => comparedKeyword(keyword, was[keyword], is[keyword], path)),
    ];
  }

  function comparedFields(was: JsonObject, is: JsonObject, path: string): string[] {
    const [old, now] = [fieldsOf(was), fieldsOf(is)];
    const [required, requiredNow] = [requiredOf(was), requiredOf(is)];
    const closed = was['additionalProperties'] === false;
    const added = Object.keys(now).filter((name) => !Object.hasOwn(old, name));
    return [
      ...added
        .filter((name) => closed || requiredNow.has(name))
        .map(
          (name) =>
            `${at(path, name)}: added ${closed ? 'to an object that is closed' : 'as required; only optional fields are added'}`,
        ),
      ...Object.keys(old).flatMap((name) => {
        if (!Object.hasOwn(now, name)) return [`${at(path, name)}: removed or renamed`];
        const moved = requiredNow.has(name) !== required.has(name);
        return [
          ...(moved
            ? [`${at(path, name)}: was ${required.has(name) ? 'required, is optional' : 'optional, is required'}`]
            : []),
          ...compare(old[name], now[name], at(path, name)),
        ];
      }),
    ];
  }

  function comparedKeyword(keyword: string, was: unknown, is: unknown, path: string): string[] {
    if (
      ['items', 'additionalProperties', 'propertyNames', 'not'].includes(keyword) &&
      was !== undefined &&
      is !== undefined
    )
      return compare(was, is, keyword === 'items' ? `${path}[]` : at(path, `(${keyword})`));
    if (
      ['anyOf', 'oneOf', 'allOf', 'prefixItems'].includes(keyword) &&
      Array.isArray(was) &&
      Array.isArray(is) &&
      was.length === is.length
    )
      return was.flatMap((branch, i) => compare(branch, is[i], at(path, `(${keyword} ${i + 1})`)));
    if (keyword === 'enum' && Array.isArray(was) && Array.isArray(is)) return comparedValues(was, is, path);
    return same(was, is) ? [] : [`${at(path)}: ${keyword} changed from ${text(was)} to ${text(is)}`];
  }
}

function comparedValues(was: unknown[], is: unknown[], path: string): string[] {
  const gone = was.filter((value) => !is.some((other) => same(value, other)));
  const come = is.filter((value) => !was.some((other) => same(value, other)));
  return [
    ...(gone.length > 0
      ? [`${at(path)}: no longer allows ${gone.map(text).join(', ')}, which stands in events already published`]
      : []),
    ...(come.length > 0
      ? [`${at(path)}: allows ${come.map(text).join(', ')}, which consumers of this version refuse`]
      : []),
  ];
}

type JsonObject = Readonly<Record<string, unknown>>;
const isObject = (node: unknown): node is JsonObject =>
  typeof node === 'object' && node !== null && !Array.isArray(node);
const fieldsOf = (node: JsonObject) => (node['properties'] ?? {}) as JsonObject;
const requiredOf = (node: JsonObject) => new Set((node['required'] ?? []) as string[]);
const refOf = (node: unknown) => (isObject(node) && typeof node['$ref'] === 'string' ? node['$ref'] : '');
const text = (value: unknown) => (value === undefined ? 'nothing' : JSON.stringify(value));
const at = (path: string, name?: string) => [path, name].filter(Boolean).join('.') || 'the event';

/** The node itself, or what its `$ref` names, with the keywords that stand beside the `$ref`. */
function resolve(node: unknown, document: Schema): unknown {
  const ref = refOf(node);
  if (!ref) return node;
  const target = ref
    .split('/')
    .slice(1)
    .reduce<unknown>((from, key) => (isObject(from) ? from[key] : undefined), document);
  if (!ref.startsWith('#/') || target === undefined) throw new Error(`a schema refers to ${ref}, which is not in it`);
  const whole = resolve(target, document);
  return isObject(whole) ? { ...whole, ...(node as JsonObject) } : whole;
}

/** Equal as JSON; the order of keys says nothing. */
function same(one: unknown, other: unknown): boolean {
  if (!isObject(one) || !isObject(other)) {
    if (!Array.isArray(one) || !Array.isArray(other)) return one === other;
    return one.length === other.length && one.every((value, i) => same(value, other[i]));
  }
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && same(one[key], other[key]))
  );
}
