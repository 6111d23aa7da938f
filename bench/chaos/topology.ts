import { defineTopology, joinWindows, long, string, tumblingWindows } from '../../src/index.ts'

const texts = { key: string(), value: string() }

export const groupId = 'chaos'
export const partitions = 6
/** What is written, and what becomes of it in `chaosTopology`; `checker/Check.java` computes the same from the inputs. */
export const inputTopics = ['lines', 'events', 'users', 'profiles', 'lefts', 'rights'] as const
export const outputTopics = ['copies', 'counts', 'windows', 'joined', 'pairs'] as const

const windowMs = 10_000
/** To both sides. */
const differenceMs = 5000
/** Longer than a run: no record of it is late. */
const graceMs = 4 * 3_600_000

/** A copy, a count over a repartition topic, a windowed count, a join of tables and one of streams. */
export const chaosTopology = defineTopology(groupId, (builder) => {
  const lines = builder.stream('lines', texts)
  lines.to('copies', texts)
  lines
    .flatMapValues((line) => line.split(' '))
    .groupBy((_key, word) => word, { name: 'words', ...texts })
    .count({ store: 'word-counts' })
    .toStream()
    .to('counts', { key: string(), value: long() })
  builder
    .stream('events', texts)
    .groupByKey()
    .windowedBy(tumblingWindows({ sizeMs: windowMs, graceMs }))
    .count({ name: 'count-events', store: 'event-counts' })
    .toStream((windowed) => `${windowed.key}@${windowed.window.startMs}`)
    .to('windows', { key: string(), value: long() })
  const profiles = builder.table('profiles', { ...texts, store: 'profiles-by-id' })
  builder
    .table('users', { ...texts, store: 'users-by-id' })
    .join(profiles, (user, profile) => `${user}+${profile}`)
    .toStream()
    .to('joined', texts)
  const rights = builder.stream('rights', texts)
  builder
    .stream('lefts', texts)
    .join(rights, (left, right) => `${left}|${right}`, {
      name: 'pair',
      windows: joinWindows({ differenceMs, graceMs }),
    })
    .to('pairs', texts)
})
