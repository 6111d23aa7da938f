import type { LinePlace } from '../stream/log-line.ts'

/** Which lines to show: the parameters of a live tail. Absent members and empty ones do not matter; all others have to hold. */
export interface LogFilters {
  /** `debug`, `info`, `warn`, `error`, `critical`. */
  readonly levels?: readonly string[] | undefined
  readonly services?: readonly string[] | undefined
  readonly components?: readonly string[] | undefined
  readonly correlationIds?: readonly string[] | undefined
  readonly sessions?: readonly string[] | undefined
  readonly users?: readonly string[] | undefined
  /** A part of the log as JSON, in the same case. */
  readonly text?: string | undefined
  /** A condition, such as `http.status >= 500`. */
  readonly when?: string | undefined
  /** Logs of this time and later: ISO 8601, or milliseconds since 1970. */
  readonly since?: string | undefined
  /** Logs before this time. */
  readonly until?: string | undefined
  /** Begin with what Kafka received from this time on; absent: with what is new. */
  readonly from?: string | undefined
}

export const listNames = ['levels', 'services', 'components', 'correlationIds', 'sessions', 'users'] as const
export const textNames = ['text', 'when', 'since', 'until', 'from'] as const

/** How a line is laid out: in columns, as JSON, or as names and values. */
export type LineLayout = 'columns' | 'raw' | 'structured'

/** All that a link carries. */
export interface LogView {
  readonly filters: LogFilters
  /** Default `columns`. */
  readonly layout?: LineLayout | undefined
  /** What is searched for in the lines that are there. */
  readonly search?: string | undefined
  /** The line that the link is about. */
  readonly line?: LinePlace | undefined
  /** Where the stream has to begin for this line to come. */
  readonly place?: string | undefined
}

/** Filters without members that do not matter: equal ones have equal texts as JSON. */
export function cleanFilters(filters: LogFilters): LogFilters {
  const lists = listNames.flatMap((name) => {
    const values = [...new Set(filters[name]?.map((value) => value.trim()))].filter(Boolean).sort()
    return values.length === 0 ? [] : [[name, values] as const]
  })
  const texts = textNames.flatMap((name) => {
    const value = filters[name]?.trim() ?? ''
    return value === '' ? [] : [[name, value] as const]
  })
  return Object.fromEntries([...lists, ...texts])
}

/** The parameters that the stream is asked with. */
export function streamParameters(filters: LogFilters): URLSearchParams {
  const clean = cleanFilters(filters)
  const parameters = new URLSearchParams()
  for (const name of listNames) if (clean[name] !== undefined) parameters.set(name, clean[name].join(','))
  for (const name of textNames) if (clean[name] !== undefined) parameters.set(name, clean[name])
  return parameters
}

/** A view as the parameters of a link. */
export function parametersOfView({ filters, layout, search, line, place }: LogView): URLSearchParams {
  const parameters = streamParameters(filters)
  if (layout !== undefined && layout !== 'columns') parameters.set('layout', layout)
  if (search !== undefined && search !== '') parameters.set('search', search)
  if (line !== undefined) parameters.set('line', `${line.topic}/${line.partition}/${line.offset}`)
  if (place !== undefined) parameters.set('place', place)
  return parameters
}

/** The view of a link. What it does not know, and what nobody could have written, is left out. */
export function viewOfParameters(parameters: URLSearchParams): LogView {
  const lists = listNames.map((name) => [name, parameters.getAll(name).flatMap((values) => values.split(','))])
  const texts = textNames.map((name) => [name, parameters.get(name) ?? ''])
  const layout = parameters.get('layout')
  const line = lineOf(parameters.get('line') ?? '')
  const place = parameters.get('place') ?? undefined
  return {
    filters: cleanFilters(Object.fromEntries([...lists, ...texts])),
    layout: layout === 'raw' || layout === 'structured' ? layout : 'columns',
    search: parameters.get('search') ?? '',
    ...(line !== undefined && { line }),
    ...(place !== undefined && { place }),
  }
}

function lineOf(text: string): LinePlace | undefined {
  const [, topic, partition, offset] = /^([\w.-]{1,249})\/(\d{1,9})\/(\d{1,15})$/.exec(text) ?? []
  return topic === undefined ? undefined : { topic, partition: Number(partition), offset: Number(offset) }
}
