import { days, MillraceError, minutes, seconds } from '../src/index.ts'
import type { InputFault } from './input-faults.ts'

/** Faults of a log that make it a dead letter only where a setting asks for that (docs/adr/0021). */
export const refusableFaults = ['null-key', 'no-timestamp', 'timestamp-range'] as const
export type RefusableFault = (typeof refusableFaults)[number]

/** From the first instant to before the second, in epoch milliseconds. */
export interface TimeRange {
  readonly fromMs: number
  readonly toMs: number
}

export interface InputPolicy {
  readonly refuse: readonly RefusableFault[]
  readonly valueBytesMax: number
  /** How far the event's time may lie before and after the time that Kafka gave the record. */
  readonly eventAgeMaxMs: number
  readonly eventAheadMaxMs: number
  /** Old logs that are loaded: a time in here is the log's, however long ago it is. */
  readonly backfill: TimeRange | undefined
  /** How far the clock of a source may be ahead of the others before its records are taken back. */
  readonly clockToleranceMs: number
  /** Whether documents keep the line or JSON as it came, as `event.original`. */
  readonly keepsOriginal: boolean
}

export const defaultInputPolicy: InputPolicy = Object.freeze({
  refuse: [],
  valueBytesMax: 1024 * 1024,
  eventAgeMaxMs: days(7),
  eventAheadMaxMs: minutes(10),
  backfill: undefined,
  clockToleranceMs: seconds(30),
  keepsOriginal: true,
})

export function refuse(code: InputFault, message: string): MillraceError<InputFault> {
  return new MillraceError<InputFault>(code, 'record', message)
}
