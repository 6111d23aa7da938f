import { MillraceError } from '../core/errors.ts'

/** NULL_TABLE_KEY (record): rows of tables have keys, so another program must have written into an internal topic. */
export function nullTableKey(nodeName: string): MillraceError {
  return new MillraceError(
    'NULL_TABLE_KEY',
    'record',
    `${nodeName} got a table change with a null key: only this application may write into its internal topics`,
    { details: { operator: nodeName } },
  )
}
