import { expect, test } from '@jest/globals'
import { type KStream, StreamsBuilder, string } from '../../../src/index.ts'
import { TopologyTestDriver } from '../../../src/testing/index.ts'

const texts = { key: string(), value: string() }
type Texts = KStream<string, string, boolean, boolean>

const wrong: readonly (readonly [string, (stream: Texts) => Texts, string])[] = [
  [
    'flatMapValues of null',
    (stream) => stream.flatMapValues(() => null as never, { name: 'op' }),
    'returned null: it must return an array',
  ],
  [
    'flatMapValues of nothing',
    (stream) => stream.flatMapValues(() => undefined as never, { name: 'op' }),
    'returned undefined: it must',
  ],
  [
    'flatMapValues of a promise',
    (stream) => stream.flatMapValues((async () => []) as never, { name: 'op' }),
    'returned a promise: it must return an array or another iterable (empty for no results); to await a promise, use mapValuesAsync',
  ],
  [
    'flatMap of null',
    (stream) => stream.flatMap(() => null as never, { name: 'op' }),
    'returned null: it must return an array',
  ],
  [
    'flatMap of no pairs',
    (stream) => stream.flatMap(() => [null] as never, { name: 'op' }),
    'returned null: it must return a pair',
  ],
  [
    'map of null',
    (stream) => stream.map(() => null as never, { name: 'op' }),
    'returned null: it must return a pair, [key, value]',
  ],
  [
    'map of an object',
    (stream) => stream.map((() => ({ key: 1 })) as never, { name: 'op' }),
    'returned object: it must return a pair',
  ],
  [
    'map of a promise',
    (stream) => stream.map((async () => ['a', 'b']) as never, { name: 'op' }),
    'returned a promise: it must return a pair',
  ],
]

test.each(wrong)(
  '%s is the fault of the record, and the sentence says what is wanted',
  (_, describeStream, sentence) => {
    const builder = new StreamsBuilder()
    describeStream(builder.stream('in', texts)).to('out', texts)
    const driver = new TopologyTestDriver(builder.build(), {
      processingHandler: 'continue',
      deadLetterTopic: 'letters',
    })
    driver.createInputTopic('in', texts).pipeInput('a', 'b')
    const letter = driver.createOutputTopic('letters', texts).readRecord()
    const message = letter?.headers.find(
      ({ key }) => key.endsWith('exception.message') || key.endsWith('errors.message'),
    )
    expect(Buffer.from(message?.value ?? []).toString()).toContain(`the mapper of op ${sentence}`)
  },
)
