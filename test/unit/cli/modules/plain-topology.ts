import { defineTopology, string } from '../../../../src/index.ts'

export const copies = defineTopology('copies', (builder) => {
  builder.stream('originals', { key: string(), value: string() }).to('copies')
})
