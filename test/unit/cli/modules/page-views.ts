import { defineTopology, json, string } from '../../../../src/index.ts'
import { defineWorker } from '../../../../src/worker/index.ts'

export const pageViews = defineTopology('page-views', (builder) => {
  builder
    .stream('views', { key: string(), value: json<{ page: string }>() })
    .groupBy((_, { page }) => page, { name: 'by-page', key: string(), value: json<{ page: string }>() })
    .count({ name: 'counts', store: 'counts' })
    .toStream()
    .to('view-counts')
})

const topic = (name: string) => ({ name, partitions: 2, replicationFactor: 1, configs: { 'retention.ms': '60000' } })

export default defineWorker({
  name: 'page-views',
  topology: () => pageViews,
  topics: () => [topic('views'), topic('view-counts')],
  examples: [
    {
      name: 'two views of a page are counted',
      input: [
        { topic: 'views', key: 'ann', value: { page: '/' } },
        { topic: 'views', key: 'bob', value: { page: '/' } },
      ],
      output: {
        'view-counts': [
          { key: '/', value: 1 },
          { key: '/', value: 2 },
        ],
      },
    },
  ],
})
