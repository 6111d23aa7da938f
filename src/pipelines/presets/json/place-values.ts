import { fieldAt, type FieldPath } from '../../field-path.ts'
import type { Fields, FieldValue } from '../../field-value.ts'
import { addressIn, durationIn, levelIn, messageIn, numberIn, textIn, timeIn } from '../../json/lenient-values.ts'
import { errorIn, stackNames } from '../../json/error-values.ts'
import type { LevelScheme } from '../../levels/level.ts'
import type { TimeContext } from '../../time/time-context.ts'
import { type Place, type PlaceTable, type Target, targets } from './places.ts'

export interface Found {
  readonly value: FieldValue
  readonly path: FieldPath
}

/** Looks for the values of all targets in one pass over the members of a record. */
export class PlaceValues {
  readonly #ranks = new Array<number>(targets.length).fill(Number.POSITIVE_INFINITY)
  readonly #found = new Array<Found | undefined>(targets.length).fill(undefined)

  find(fields: Fields, table: PlaceTable, scheme: LevelScheme | undefined, context: TimeContext): void {
    this.#ranks.fill(Number.POSITIVE_INFINITY)
    this.#found.fill(undefined)
    for (const name in fields) {
      const places = table.get(name)
      if (places === undefined) continue
      for (const place of places) {
        if (place.rank >= (this.#ranks[place.target] as number)) continue
        const read = place.isMember ? fields[name] : fieldAt(fields, place.path)
        if (read === undefined || read === null) continue
        const value = valueOf(place, read, scheme, context)
        if (value === undefined) continue
        this.#ranks[place.target] = place.rank
        this.#found[place.target] = { value, path: place.path }
      }
    }
  }

  get(target: Target): Found | undefined {
    return this.#found[targets.indexOf(target)]
  }
}

function valueOf(
  { target, unitMs, path }: Place,
  read: FieldValue,
  scheme: LevelScheme | undefined,
  context: TimeContext,
): FieldValue | undefined {
  switch (targets[target] as Target) {
    case 'time':
    case 'started':
      return timeIn(read, context)
    case 'level':
      return levelIn(read, scheme)
    case 'message':
      return messageIn(read, mainMessages.has(path.text))
    case 'durationMs':
      return durationIn(read, unitMs)
    case 'ip':
      return addressIn(read)
    case 'statusCode':
      return statusIn(read)
    case 'error':
      return errorIn(read, stackNames.includes(path.text))
    case 'eventId':
      return typeof read === 'string' && read !== '' ? read : undefined
    case 'traceId':
      return lastSegment(textIn(read))
    case 'component':
      return path.text === 'tag' || path.text === 'syslogtag' ? withoutProcess(textIn(read)) : textIn(read)
    default:
      return textIn(read)
  }
}

/** Of HTTP. */
function statusIn(value: FieldValue): number | undefined {
  const status = numberIn(value)
  return status !== undefined && Number.isInteger(status) && status >= 100 && status <= 599 ? status : undefined
}

/** An object there is the message; elsewhere it has one or is none. */
const mainMessages: ReadonlySet<string> = new Set(['message', 'msg', 'body', 'Body'])

/** Google writes `projects/p/traces/0af7…`. */
function lastSegment(text: string | undefined): string | undefined {
  return text?.slice(text.lastIndexOf('/') + 1)
}

/** A tag of syslog: `sshd[1]:`. */
function withoutProcess(text: string | undefined): string | undefined {
  return text?.replace(/(?:\[\d{1,10}\])?:?$/, '')
}
