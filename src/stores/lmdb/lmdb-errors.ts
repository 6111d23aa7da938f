import { constants } from 'node:os'
import { errorMessage, MillraceError } from '../../core/errors.ts'
import { isDiskFull } from '../../core/full-disk.ts'

/** LMDB's codes for what passes: its map, readers or transaction are full, or another process has grown the map. */
const passing: ReadonlySet<unknown> = new Set([-30792, -30790, -30789, -30788, -30785])
const { errno } = constants
const refused: ReadonlySet<unknown> = new Set(
  (['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG'] as const).flatMap((name) => [name, errno[name]]),
)
/** Somebody deleted the directory below the process: what is left of the state in memory is not all of it. */
const gone: ReadonlySet<unknown> = new Set([errno.ENOENT, 'ENOENT'])
/** Numbers are those of the operating system where they come from LMDB, names where they come from Node. */
const systemErrors: ReadonlySet<unknown> = new Set([...Object.keys(errno), ...Object.values(errno)])

/** LMDB reports why a commit failed by a promise of its error; undefined where it does not. */
export async function commitFailure(error: unknown): Promise<unknown> {
  const told = (error as { commitError?: Promise<unknown> } | null)?.commitError
  if (told === undefined) return error
  const reason = told.catch((cause: unknown) => cause)
  const passes = new Promise((resolve) => setImmediate(resolve, undefined))
  return (await Promise.race([reason, passes])) ?? Object.assign(new Error(errorMessage(error)), { code: 'EIO' })
}

/** What an error of LMDB, or of the file system below it, means for the task whose state it is. */
export function stateError(directory: string, cause: unknown): MillraceError {
  const code = (cause as { code?: unknown } | null)?.code
  const reason = errorMessage(cause)
  const options = { cause, details: { directory } }
  if (isDiskFull(cause)) {
    return new MillraceError(
      'STORE_DISK_FULL',
      'retriable',
      `the disk of ${directory} is full (${reason}): free some space`,
      options,
    )
  }
  if (refused.has(code)) {
    return new MillraceError(
      'STORE_REFUSED',
      'fatal',
      `the process has no right to read or write the state in ${directory} (${reason}): give it access to the directory, or set another stateDirectory`,
      options,
    )
  }
  if (!gone.has(code) && (passing.has(code) || systemErrors.has(code))) {
    return new MillraceError(
      'STORE_UNAVAILABLE',
      'retriable',
      `the state in ${directory} cannot be read or written at the moment (${reason}): check the disk, and the process's limits for memory and open files`,
      options,
    )
  }
  return new MillraceError(
    'STORE_DAMAGED',
    'task-corrupted',
    `the state in ${directory} cannot be used (${reason}): it has to be deleted and restored`,
    options,
  )
}

/** Nothing of it is written: the one before it was not either. */
export function refusedError(directory: string): MillraceError {
  return new MillraceError(
    'STORE_UNAVAILABLE',
    'retriable',
    `rows for the state in ${directory} were not written, because those before them were not: they are written again`,
    { details: { directory } },
  )
}

export function closedError(directory: string): MillraceError {
  return new MillraceError(
    'STORE_CLOSED',
    'fatal',
    `the state in ${directory} is closed, because its task ended or moved to another process: ask for the store again instead of keeping it`,
    { details: { directory } },
  )
}
