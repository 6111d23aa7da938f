import { defineWorker } from 'millrace/worker'
import { pageViews } from './page-views.ts'

const topic = (name: string) => ({ name, partitions: 3, replicationFactor: -1, configs: {} })

/** What `millrace run worker.ts` runs: the topology, its topics, and an example of what it does. */
export default defineWorker({
  name: 'page-views',
  topology: () => pageViews,
  topics: () => [topic('views'), topic('view-counts')],
  examples: [
    {
      name: 'two views of a page are counted',
      input: [
        { topic: 'views', key: 'ann', value: { page: '/home' } },
        { topic: 'views', key: 'bob', value: { page: '/home' } },
      ],
      output: {
        'view-counts': [
          { key: '/home', value: 1 },
          { key: '/home', value: 2 },
        ],
      },
    },
  ],
})
