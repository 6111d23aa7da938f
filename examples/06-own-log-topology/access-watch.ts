import { defineTopology, json, minutes, seconds, string, tumblingWindows, untilWindowCloses } from 'millrace'
import { type Access, accessLine } from './access-log.ts'

interface Rate {
  readonly requests: number
  readonly errors: number
}
export interface Alert extends Rate {
  readonly path: string
  readonly minute: string
}

export const accesses = { key: string(), value: accessLine }
export const alerts = { key: string(), value: json<Alert>() }

const noRequests = (): Rate => ({ requests: 0, errors: 0 })
const addRequest = (_path: string, { status }: Access, { requests, errors }: Rate): Rate => ({
  requests: requests + 1,
  errors: status >= 500 ? errors + 1 : errors,
})

/** Writes every request to a sink, and reports each path that answered at least a fifth of a minute's requests with an error. */
export const accessWatch = defineTopology('access-watch', (builder) => {
  const requests = builder.stream('access-logs', {
    name: 'access-logs',
    timestamp: ({ timeMs }) => timeMs,
    ...accesses,
  })
  requests.toSink('requests', { name: 'to-requests' })
  requests
    .groupBy((_, { path }) => path, { name: 'by-path', key: string(), value: json<Access>() })
    .windowedBy(tumblingWindows({ sizeMs: minutes(1), graceMs: seconds(10) }))
    .aggregate(noRequests, addRequest, { name: 'rates', store: 'rates', value: json<Rate>() })
    .suppress(untilWindowCloses({ name: 'closed' }))
    .toStream({ name: 'minutes' })
    .filter((_, rate) => rate.errors >= rate.requests / 5, { name: 'failing' })
    .map(({ key, window }, rate) => [key, { path: key, minute: new Date(window.startMs).toISOString(), ...rate }], {
      name: 'report',
    })
    .to('access-alerts', { name: 'to-alerts', ...alerts })
})

/** A line that cannot be read becomes a dead letter, with the reason in its headers. */
export const handlers = { deserializationHandler: 'continue', deadLetterTopic: 'unreadable-logs' } as const
