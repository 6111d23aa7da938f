import { MillraceError } from '../core/errors.ts'

/** Rows of tables have keys; a null one means that somebody else wrote into the table's topic. */
export function nullTableKey(nodeName: string): MillraceError {
  return new MillraceError(
    'NULL_TABLE_KEY',
    'record',
    `${nodeName} got a table change with a null key: only this application may write into its internal topics`,
    { details: { operator: nodeName } },
  )
}
