import { defineTopology, json, string } from '../../../../src/index.ts'

/** Has no word about how its topics are created. */
export default defineTopology('two-inputs', (builder) => {
  builder
    .stream('views', { key: string(), value: json<{ page: string }>() })
    .groupBy((_, { page }) => page, { name: 'by-page', key: string(), value: json<{ page: string }>() })
    .count({ name: 'counts', store: 'counts' })
  builder.stream('clicks', { key: string(), value: string() }).foreach(() => {})
})
