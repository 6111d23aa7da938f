import type { Fields } from '../../field-value.ts'
import type { Level } from '../../levels/level.ts'
import type { DateOrder } from '../../time/date-order.ts'

/**
 * How the lines of one program look. `pattern` is an expression of grok over the blocks of `blocks.ts`; it describes the
 * whole line, or what follows the lead of its family. Its captures set fields of the event:
 *
 * - `time` (with `zone`, where it stands apart), `level`, `message`, `host`, `component`, `ip`, `status`;
 * - `durationMs`, `durationS`, `durationUs` or `duration` (with its unit) set `durationMs`;
 * - `date` and `clock` are a time in two places;
 * - `payload` is the message, and is looked into for what the line around it does not say;
 * - `addresses` are those of a client and the proxies it came through;
 * - `priority` sets level and facility of syslog;
 * - `inner` is read again, as a line or as JSON; `pairs` are read as `key=value`, `json` as an object;
 * - all others are kept in `attributes` under their own name.
 *
 * A preset does not fit where its time, its level or its JSON is none: the next one is tried.
 */
export interface TextPreset {
  readonly name: string
  readonly pattern: string
  /** Words of level that mean something else here than elsewhere. */
  readonly levels?: Readonly<Record<string, Level>>
  /** Made of captures, where a line has no message of its own: `{method} {path} {status}`. */
  readonly message?: string
  /** What the written time must look like. */
  readonly time?: RegExp
  /** How a date such as `05/06/2026` is meant. */
  readonly dateOrder?: DateOrder
  /** Fits lines that presets before it read better: never tried out of its order. */
  readonly isLoose?: true
  /** Sets the fields of the lines behind the first, where the pattern has not; called last. */
  readonly readMore?: (fields: Fields, text: string, receivedMs: number) => void
}

/** Presets whose lines begin alike: what they begin with is read once. Presets are tried in their order. */
export interface PresetFamily {
  /** What matters may follow a long path: more of the line is looked at. */
  readonly isLong?: true
  /** Fits lines that families before it read better: never tried out of its order. */
  readonly isLoose?: true
  /** Characters that a line may begin with; without them any. */
  readonly first?: string
  /** An expression for the beginning; without it each preset reads the whole line. */
  readonly lead?: string
  readonly presets: readonly TextPreset[]
}

export const digits = '0123456789'
export const lower = 'abcdefghijklmnopqrstuvwxyz'
export const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
