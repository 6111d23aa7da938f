import { MillraceError } from '../core/errors.ts'
import type { Application } from '../runtime/application/application.ts'
import { keyValueQuery, sessionQuery, windowQuery } from '../runtime/application/store-query.ts'
import type { Window } from '../stores/port.ts'

/** One row of a store as JSON. */
interface StateRow {
  readonly key: unknown
  readonly value: unknown
  readonly window?: Window
}

/** What `/state/STORE/KIND` is asked for: the part of the process's state that it reads. */
export interface StateQuestion {
  readonly store: string
  /** `get`, `range`, `window` or `session`. */
  readonly kind: string
  readonly parameters: URLSearchParams
}

export const stateKinds: readonly string[] = ['get', 'range', 'window', 'session']
const rowsDefault = 100
/** Rows are read and written as JSON while no record is processed. */
const rowsMost = 10_000

/**
 * Rows of a store that this process holds. Rejects with ILLEGAL_ARGUMENT for a parameter that cannot be read, and what
 * `Application.queryAsync` throws.
 */
export async function lookUpState(
  application: Application,
  { store, kind, parameters }: StateQuestion,
): Promise<readonly StateRow[]> {
  const rowsMax = numberOf(parameters, 'limit') ?? rowsDefault
  if (rowsMax > rowsMost) throw refused(`limit is ${rowsMax}: give at most ${rowsMost}`)
  if (kind === 'get') {
    const key = jsonOf(parameters, 'key')
    if (key === undefined) throw refused('key is missing: give it as JSON')
    const value = await application.queryAsync(keyValueQuery<unknown, unknown>(store)).get(key)
    return value === undefined ? [] : [{ key, value }]
  }
  if (kind === 'range') {
    const [from, to] = [jsonOf(parameters, 'from'), jsonOf(parameters, 'to')]
    return application.queryAsync(keyValueQuery<unknown, unknown>(store)).range(from, to, { rowsMax })
  }
  return kind === 'window'
    ? windows(application, store, parameters, rowsMax)
    : sessions(application, store, parameters, rowsMax)
}

async function windows(
  application: Application,
  store: string,
  parameters: URLSearchParams,
  rowsMax: number,
): Promise<readonly StateRow[]> {
  const view = application.queryAsync(windowQuery<unknown, unknown>(store))
  const fromMs = numberOf(parameters, 'fromMs') ?? 0
  const toMs = numberOf(parameters, 'toMs') ?? Number.MAX_SAFE_INTEGER
  const key = jsonOf(parameters, 'key')
  if (key === undefined) return (await view.fetchAll(fromMs, toMs, { rowsMax })).map(flat)
  const first = await view.fetchAll(fromMs, toMs, { rowsMax: 1 })
  const sizeMs = first.map(({ key: { window } }) => window.endMs - window.startMs)
  return (await view.fetch(key, fromMs, toMs))
    .slice(0, rowsMax)
    .map(({ startMs, value }) => ({ key, value, window: { startMs, endMs: startMs + (sizeMs[0] ?? 0) } }))
}

async function sessions(
  application: Application,
  store: string,
  parameters: URLSearchParams,
  rowsMax: number,
): Promise<readonly StateRow[]> {
  const view = application.queryAsync(sessionQuery<unknown, unknown>(store))
  const key = jsonOf(parameters, 'key')
  return (key === undefined ? await view.all({ rowsMax }) : (await view.fetch(key)).slice(0, rowsMax)).map(flat)
}

function flat({
  key,
  value,
}: {
  readonly key: { readonly key: unknown; readonly window: Window }
  readonly value: unknown
}): StateRow {
  return { key: key.key, value, window: key.window }
}

/** A parameter that is JSON. Throws ILLEGAL_ARGUMENT, which names it; undefined where it is missing. */
function jsonOf(parameters: URLSearchParams, name: string): unknown {
  const text = parameters.get(name)
  if (text === null) return undefined
  try {
    return JSON.parse(text)
  } catch {
    throw refused(`${name} is ${text}, which is no JSON: text has double quotes`)
  }
}

/** A parameter that is a whole number of 0 or more. Throws ILLEGAL_ARGUMENT, which names it; undefined where it is missing. */
function numberOf(parameters: URLSearchParams, name: string): number | undefined {
  const text = parameters.get(name)
  if (text === null) return undefined
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 0 || text === '')
    throw refused(`${name} is ${text}: give a whole number of 0 or more`)
  return value
}

/** Names the parameter, its value and what to give. */
function refused(sentence: string): MillraceError {
  return new MillraceError('ILLEGAL_ARGUMENT', 'fatal', sentence)
}
