import { expect, test } from '@jest/globals'
import { errorMessage } from '../../../../../src/core/errors.ts'
import { compileClusterOptions } from '../../../../../src/kafka/wire/connection/cluster-options.ts'
import { startStreams, string, StreamsBuilder } from '../../../../../src/index.ts'

function refusalOf(options: object): string {
  try {
    compileClusterOptions({ bootstrap: 'kafka:9092', ...options })
  } catch (error) {
    return errorMessage(error)
  }
  return 'nothing was refused'
}

test.each([
  [{ brokers: ['kafka:9092'] }, 'kafka: brokers is not an option'],
  [{ ssl: true }, 'kafka: ssl is not an option'],
  [{ requestTimeout: 3 }, 'kafka: requestTimeout is not an option: did you mean requestTimeoutMs?'],
  [{ tls: true }, 'tls is of type boolean: give an object'],
  [{ sasl: { mechanism: 'plain', username: 'a', password: 'b' } }, "sasl.mechanism is 'plain' (string): use PLAIN"],
  [{ sasl: { mechanism: 'PLAIN', username: 'a' } }, 'sasl.password is of type undefined: give a text'],
  [{ sasl: { mechanism: 'SCRAM-SHA-256', password: 'secret' } }, 'sasl.username is of type undefined: give a text'],
  [{ tls: undefined, driver: 'wire' }, 'nothing was refused'],
])('%j: %s', (options, sentence) => {
  expect(refusalOf(options)).toContain(sentence)
  expect(refusalOf(options)).not.toContain('secret')
})

test('startStreams without its parts, or with both in the wrong order, says which is missing', async () => {
  const builder = new StreamsBuilder()
  builder.stream('in', { key: string(), value: string() }).to('out')
  const topology = builder.build()
  const config = { applicationId: 'app', kafka: { bootstrap: 'kafka:9092' } }
  const start = startStreams as (...given: readonly unknown[]) => Promise<unknown>
  await expect(start()).rejects.toMatchObject({ code: 'INVALID_SETTINGS', details: { faults: { length: 2 } } })
  await expect(start({ applicationId: 'app' }, topology)).rejects.toThrow(
    'kafka of the first argument is undefined: give',
  )
  await expect(start(config)).rejects.toThrow('the second argument is undefined (undefined): pass the topology')
  await expect(start(topology, config)).rejects.toThrow('pass the topology that builder.build() returns')
})

test.each([
  [{ kafka: null }, 'kafka of the first argument is null'],
  [{ kafka: { driver: 'wires' } }, 'kafka.driver is "wires": it must be one of wire, memory'],
  [{ kafka: { driver: 'memory' } }, 'kafka.cluster is undefined: pass a MemoryCluster'],
  [{ storeEngine: 'rocks' }, 'storeEngine is "rocks": it must be one of lmdb, memory'],
  [{ sinks: 'files' }, 'sinks is "files": it must be a list'],
  [{ logger: { warn: () => {} } }, 'it must have the methods debug, info, error, child; silentLogger writes nothing'],
])('startStreams with %j refuses it: %s', async (given, sentence) => {
  const builder = new StreamsBuilder()
  builder.stream('in', { key: string(), value: string() }).to('out')
  const config = { applicationId: 'app', kafka: { bootstrap: 'kafka:9092' }, ...given }
  const start = startStreams as (...given: readonly unknown[]) => Promise<unknown>
  await expect(start(config, builder.build())).rejects.toMatchObject({
    code: 'INVALID_SETTINGS',
    message: expect.stringContaining(sentence),
  })
})
