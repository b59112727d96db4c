/** Some fields of a subject, as they are: for its view. */
export const pick = <S extends object, K extends keyof S>(subject: S, fields: readonly K[]): Pick<S, K> =>
  Object.fromEntries(fields.map((field) => [field, subject[field]])) as Pick<S, K>;
