/** What this package needs of a database connection or transaction: parameters are `$1`, `$2`, … */
export interface Sql {
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]>;
}
