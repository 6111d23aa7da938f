import { textOf } from '../records/record-line.ts'

/** A record as a tap shows it: decoded, and without what is hidden. */
export interface TappedRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly key: unknown
  readonly value: unknown
  readonly headers: Readonly<Record<string, unknown>>
}

/** Which records a tap shows; a member that is undefined does not matter. */
export interface TapFilter {
  readonly key?: string
  /** A part of the key or of the value. */
  readonly text?: string
  /** `name`, or `name=value`. */
  readonly header?: string
  /** Records of this time and later. */
  readonly since?: number
  /** Records before this time. */
  readonly until?: number
}

/** Looks at what is shown: nobody finds out a hidden value by asking for it. */
export function matches({ key, value, headers, timestamp }: TappedRecord, filter: TapFilter): boolean {
  return (
    (filter.key === undefined || textOf(key) === filter.key) &&
    (filter.text === undefined || textOf(key).includes(filter.text) || textOf(value).includes(filter.text)) &&
    (filter.header === undefined || hasHeader(headers, filter.header)) &&
    (filter.since === undefined || timestamp >= filter.since) &&
    (filter.until === undefined || timestamp < filter.until)
  )
}

function hasHeader(headers: TappedRecord['headers'], wanted: string): boolean {
  const [name = '', ...rest] = wanted.split('=')
  const value = headers[name]
  return value !== undefined && (rest.length === 0 || textOf(value) === rest.join('='))
}
