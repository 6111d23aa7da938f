import { describe, expect, test } from '@jest/globals'
import {
  bytes,
  json,
  type KeyValueStore,
  keyValueStore,
  type Processor,
  type ProcessorContext,
  type Serde,
  StreamsBuilder,
  string,
} from '../../../src/index.ts'
import { TopologyTestDriver } from '../../../src/testing/index.ts'

const texts = { key: string(), value: string() }

interface Product {
  name: string
  tags: string[]
}

/** What a stream joined with a global table sees of a row when each joiner before it wrote to the row that it was given. */
function seenBy(value: Serde<Product>): string[] {
  const builder = new StreamsBuilder()
  const products = builder.globalTable('products', { key: string(), value, store: 'products' })
  const seen: string[] = []
  builder
    .stream('orders', texts)
    .join(
      products,
      (_, order) => order,
      (_, product) => {
        seen.push(JSON.stringify(product))
        product.name += '!'
        product.tags.push('seen')
        return product.name
      },
    )
    .to('out', { value: string() })
  const driver = new TopologyTestDriver(builder.build())
  driver.createInputTopic('products', { key: string(), value }).pipeInput('p', { name: 'pen', tags: ['a'] })
  const orders = driver.createInputTopic('orders', texts)
  for (const order of ['1', '2', '3']) orders.pipeInput(order, 'p')
  expect(driver.getKeyValueStore<string, Product>('products').get('p')).toEqual({ name: 'pen', tags: ['a'] })
  return seen
}

describe('a function that writes to the value it was given', () => {
  const asRead = Array.from({ length: 3 }, () => '{"name":"pen","tags":["a"]}')

  test('changes no row of a global table for the records behind', () => {
    expect(seenBy(json<Product>())).toEqual(asRead)
  })

  test('nor where rows are objects of a class', () => {
    class Thing implements Product {
      name = ''
      tags: string[] = []
    }
    const { serialize, deserialize } = json<Product>()
    const things: Serde<Product> = {
      name: 'things',
      serialize,
      deserialize: (source, topic, headers) => Object.assign(new Thing(), deserialize(source, topic, headers)),
    }
    expect(seenBy(things)).toEqual(asRead)
  })

  test('changes neither a row of bytes in a store nor the record it came with', () => {
    class Eraser implements Processor<string, Uint8Array, string, string> {
      #context!: ProcessorContext<string, string>
      #rows!: KeyValueStore<string, Uint8Array>
      init(context: ProcessorContext<string, string>): void {
        this.#context = context
        this.#rows = context.getStateStore('rows')
      }
      process({
        key,
        value,
        timestamp,
        headers,
      }: {
        key: string
        value: Uint8Array
        timestamp: number
        headers: []
      }): void {
        this.#rows.put(key, value)
        this.#rows.get(key)?.fill(0)
        const row = Buffer.from(this.#rows.get(key) ?? []).toString()
        value.fill(0)
        this.#context.forward({ key, value: row, timestamp, headers })
        throw new Error('a letter shows the record')
      }
    }
    const rows = keyValueStore({ name: 'rows', key: string(), value: bytes(), engine: 'memory' })
    const builder = new StreamsBuilder()
    builder
      .stream('in', { key: string(), value: bytes() })
      .process({ create: () => new Eraser() as never, stores: [rows] })
      .to('out', texts)
    const driver = new TopologyTestDriver(builder.build(), {
      processingHandler: 'continue',
      deadLetterTopic: 'letters',
    })
    driver.createInputTopic('in', texts).pipeInput('k', 'text')
    expect(driver.createOutputTopic('out', texts).readValue()).toBe('text')
    expect(driver.createOutputTopic('letters', texts).readValue()).toBe('text')
  })
})
