import { defineTopology, json, string } from '../../../../src/index.ts'
import { defineWorker } from '../../../../src/worker/index.ts'

interface View {
  readonly page: string
}
const serdes = { key: string(), value: json<View>() }
const topic = (name: string) => ({ name, partitions: 1, replicationFactor: 1, configs: {} })

const topology = defineTopology('guarded', (builder) => {
  const pages = builder.globalTable('pages', { key: string(), value: string(), store: 'pages' })
  builder
    .stream('views', serdes)
    .groupBy((_, { page }) => page, { name: 'by-page', ...serdes })
    .count({ store: 'counts' })
    .toStream()
    .join(
      pages,
      (page) => page,
      (count, title) => `${title}: ${count}`,
    )
    .to('titles', { key: string(), value: string() })
})

/** Uses every kind of topic, and fails soon where one is missing. */
export const guardedDefinition = {
  name: 'guarded',
  topology: () => topology,
  topics: () => ['views', 'pages', 'titles', 'failed'].map(topic),
  options: () => ({ repartitionPurgeIntervalMs: 100, missingTopicsTimeoutMs: 2000 }),
}

export default defineWorker(guardedDefinition)
