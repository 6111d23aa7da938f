import type { LogEvent } from '../log-event.ts'

/** Whether sampling and throttling leave the event alone: no error is lost to them unless a pipeline says so. */
export function isError(event: LogEvent): boolean {
  const { level } = event.fields
  return level === 'error' || level === 'critical'
}

export const errorsSchema = {
  type: 'boolean',
  default: false,
  description: 'whether errors may be removed too',
} as const
