import { defineTopology, string } from '../../src/index.ts'

const texts = { key: string(), value: string() }

export default defineTopology('orders', (builder) => {
  builder
    .stream('orders', texts)
    .filter((amount) => Number(amount) > 1000)
    .to('large-orders', texts)
})
