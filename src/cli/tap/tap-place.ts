import { InvalidArgumentError } from 'commander'
import { durationMsOf } from '../../worker/offset-reset.ts'
import { isoTime } from '../common-options.ts'

/** Where a tap begins: an offset of each partition, a time, so long ago, the start or the end of the log. */
export type TapPlace = number | 'earliest' | 'latest' | { readonly timestampMs: number } | { readonly agoMs: number }

/** Reads the value of `--from`. Throws InvalidArgumentError, which commander shows with the name of the option. */
export function tapPlace(text: string): TapPlace {
  if (text === 'earliest' || text === 'latest') return text
  if (/^\d{1,15}$/.test(text)) return Number(text)
  const agoMs = durationMsOf(text)
  if (agoMs !== undefined) return { agoMs }
  if (/^\d{4}-/.test(text)) return { timestampMs: isoTime(text) }
  throw new InvalidArgumentError('It must be earliest, latest, an offset, an ISO 8601 time, or a duration, as in PT5M.')
}
