import { defineTopology, json, minutes, sessionWindows, string, tumblingWindows } from '../../../../src/index.ts'

interface Visit {
  readonly user: string
}

/** A store of each kind. */
export const visits = defineTopology('visits', (builder) => {
  const byKey = builder.stream('visits', { key: string(), value: json<Visit>() }).groupByKey()
  byKey.count({ name: 'total', store: 'total' })
  byKey.windowedBy(tumblingWindows({ sizeMs: minutes(1), graceMs: 0 })).count({ name: 'minutes', store: 'minutes' })
  byKey.windowedBy(sessionWindows({ gapMs: minutes(1), graceMs: 0 })).count({ name: 'sessions', store: 'sessions' })
  builder.globalTable('users', { name: 'users', key: string(), value: json<object>(), store: 'users' })
})
