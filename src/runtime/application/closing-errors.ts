import { MillraceError } from '../../core/errors.ts'
import type { ApplicationState } from './application-status.ts'

export function closedWhileStarting(): MillraceError {
  return new MillraceError('APPLICATION_CLOSED', 'fatal', 'the application was closed while it started')
}

export function closedBefore(state: ApplicationState): MillraceError {
  return new MillraceError('APPLICATION_CLOSED', 'fatal', `the application was closed: it will not be ${state} again`)
}

export function closeTimeout(timeoutMs: number): MillraceError {
  return new MillraceError(
    'CLOSE_TIMEOUT',
    'fatal',
    `the application did not close within ${timeoutMs} ms: end the process, its uncommitted records are processed again`,
  )
}

export function closedUncommitted(tasks: readonly string[]): MillraceError {
  return new MillraceError(
    'CLOSE_UNCOMMITTED',
    'fatal',
    `tasks ${tasks.join(', ')} were closed without a commit: the next owner processes their uncommitted records again`,
    { details: { tasks } },
  )
}
