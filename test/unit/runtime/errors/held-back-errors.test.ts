import { expect, test } from '@jest/globals'
import { StreamsBuilder } from '../../../../src/dsl/streams-builder.ts'
import type { KStream } from '../../../../src/dsl/handles/k-stream.ts'
import { string } from '../../../../src/serde/primitives.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'
import type { ProcessorContext, StreamRecord } from '../../../../src/topology/processor-api.ts'

const texts = { key: string(), value: string() }

function refuseBad(value: string): string {
  if (value === 'bad') throw new Error('bad')
  return value
}

type Lines = KStream<string, string, boolean, boolean>

const places: Readonly<Record<string, (lines: Lines) => Lines>> = {
  'behind it': (lines) => lines.mapValues(refuseBad),
  'in an asynchronous call behind it': (lines) => lines.mapValuesAsync(async (value) => refuseBad(value)),
  'behind an asynchronous call behind it': (lines) =>
    lines.mapValuesAsync((value) => Promise.resolve(value)).mapValues(refuseBad),
}

test.each(Object.keys(places))(
  'what a processor held back until the commit and that fails %s makes no dead letter of an innocent record',
  async (place) => {
    const world = new SimulatedWorld()
    world.createTopics({ in: 1, out: 1, letters: 1 })
    world.write('in', [
      ['k', 'bad'],
      ['k', 'good'],
    ])
    const builder = new StreamsBuilder()
    const held = builder.stream('in', texts).process<string, string>({
      create() {
        let context: ProcessorContext<string, string> | undefined
        const records: StreamRecord<string, string>[] = []
        return {
          init(given) {
            context = given
          },
          process: (record) => void records.push(record),
          beforeCommit() {
            for (const record of records.splice(0)) context?.forward(record)
          },
        }
      },
    })
    places[place]?.(held).to('out', texts)
    const application = world.application(builder.build(), {
      processingHandler: 'continue',
      deadLetterTopic: 'letters',
    })
    await world.finish(application.start())
    await world.until(() => world.uncommitted('app', 'in') === 0)
    const [letter, ...others] = world.read('letters')
    const offset = letter?.headers.find(({ key }) => key === '__streams.errors.offset')?.value
    expect({
      key: letter?.key,
      value: letter?.value,
      offset: Buffer.from(offset ?? []).toString(),
      others: others.length,
    }).toEqual({
      key: null,
      value: null,
      offset: '-1',
      others: 0,
    })
    expect(world.read('out').map(({ value }) => Buffer.from(value ?? []).toString())).toEqual(['good'])
    await world.finish(application.close())
  },
)
