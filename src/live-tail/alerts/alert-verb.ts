import { type AlertRequestKind, alertRequestKinds } from '../../alerts/notices/alert-request.ts'
import { newAcknowledgement, newAlertRequest, newSilence } from '../../alerts/notices/commands.ts'
import type { Match } from '../../alerts/notices/matcher.ts'
import { errorMessage, MillraceError } from '../../core/errors.ts'
import type { Refusal } from '../admission.ts'
import type { AlertDeskOptions } from './alert-desk-options.ts'
import type { AlertTables } from './alert-tables.ts'

/** What somebody does about an alert, as a record for its worker: the one that the command line writes. */
export interface AlertVerb {
  readonly verb: string
  readonly topic: string
  readonly key: string
  /** Null deletes what the key has. */
  readonly value: unknown
}

/** Who does it, and when. */
export interface VerbMoment {
  readonly author: string
  readonly nowMs: number
}

type Body = Readonly<Record<string, unknown>>

const verbs = ['acknowledge', 'silence', 'unsilence', ...alertRequestKinds] as const
const textLengthMax = 500

/** The record of a request, or why there is none. */
export function alertVerb(
  body: unknown,
  { author, nowMs }: VerbMoment,
  { tables, options }: { readonly tables: AlertTables; readonly options: AlertDeskOptions },
): AlertVerb | Refusal {
  const request = (typeof body === 'object' && body !== null ? body : {}) as Body
  const { verb } = request
  try {
    if (verb === 'acknowledge') {
      const dedupKey = groupOf(tables, request).episode.dedupKey
      const value = newAcknowledgement(dedupKey, author, nowMs)
      return { verb, topic: options.acknowledgementsTopic, key: dedupKey, value }
    }
    const kind = alertRequestKinds.find((one) => one === verb)
    if (kind !== undefined) {
      if ((options.requests?.[kind] ?? []).length === 0) throw mistake(nobodyText(kind))
      const { dedupKey, asked } = groupOf(tables, request).episode
      if (asked?.[kind] !== undefined) throw mistake(`${asked[kind].by} has asked for it already: once is enough`)
      const value = newAlertRequest(kind, dedupKey, author, nowMs)
      return { verb: kind, topic: options.acknowledgementsTopic, key: dedupKey, value }
    }
    if (verb === 'silence') {
      const { match, reason, untilMs } = {
        match: matchOf(tables, request),
        reason: reasonOf(request),
        ...endOf(request),
      }
      const value = newSilence({ match, author, reason, endMs: untilMs }, nowMs)
      return { verb, topic: options.silencesTopic, key: value.id, value }
    }
    if (verb === 'unsilence') {
      const { id } = request
      if (typeof id === 'string' && tables.silences.has(id))
        return { verb, topic: options.silencesTopic, key: id, value: null }
      throw new NotThere('there is no silence with this id: it may have ended')
    }
    const text = `verb must be one of ${verbs.join(', ')}`
    throw new MillraceError('ILLEGAL_ARGUMENT', 'fatal', text)
  } catch (error) {
    return { status: error instanceof NotThere ? 404 : 400, reason: errorMessage(error) }
  }
}

function nobodyText(kind: AlertRequestKind): string {
  return `nobody is named for it: name receivers in requests.${kind} of the notices, for the alerts worker and for this process`
}

/** What the request names is over, or was never there. */
class NotThere extends Error {}

function groupOf(tables: AlertTables, { id }: Body) {
  const group = typeof id === 'string' ? tables.groupOf(id) : undefined
  if (group === undefined) throw new NotThere('no alert that fires has this id: it may be over')
  return group
}

/** One alert by its id, or whatever the names fit. */
function matchOf(tables: AlertTables, request: Body): Match {
  const { id, match } = request
  if ((id === undefined) === (match === undefined)) throw mistake('name the id of an alert, or match, and not both')
  if (id === undefined) return checkedMatch(match)
  const alert = groupOf(tables, request).alerts.find((one) => one.id === id)
  if (alert === undefined) throw new NotThere('the id is one of a group: silence one of its alerts, or give match')
  return { alert: alert.tracked.change.key }
}

function checkedMatch(match: unknown): Match {
  if (JSON.stringify(match).includes('[redacted'))
    throw mistake('match has a masked value, which no alert has: name the id of the alert, or ask with unmask')
  return match as Match
}

function reasonOf({ reason }: Body): string {
  if (typeof reason === 'string' && reason.trim() !== '' && reason.length <= textLengthMax) return reason
  throw mistake(`reason must be a text of at most ${textLengthMax} characters, which says why`)
}

function endOf({ untilMs }: Body): { readonly untilMs: number } {
  if (typeof untilMs === 'number' && Number.isSafeInteger(untilMs)) return { untilMs }
  throw mistake('untilMs must be the end of the silence, in milliseconds since 1970')
}

function mistake(text: string): MillraceError {
  return new MillraceError('ILLEGAL_ARGUMENT', 'fatal', text)
}
