import { expect, test } from '@jest/globals'
import { composeStreams } from '../../../src/app.ts'
import { silentLogger } from '../../../src/core/logger.ts'
import { unknownNames } from '../../../src/core/unknown-names.ts'
import { StreamsBuilder } from '../../../src/dsl/streams-builder.ts'
import { compileClusterOptions } from '../../../src/kafka/wire/connection/cluster-options.ts'
import { compileSettings } from '../../../src/runtime/settings.ts'

test.each([
  ['commitInterval', 'commitIntervalMs'],
  ['numStandbyReplicas', 'standbyReplicas'],
  ['statedirectory', 'stateDirectory'],
])('an unknown option is refused with the nearest name: %s', (name, nearest) => {
  expect(() => compileSettings({ applicationId: 'x', [name]: 1 }, 'random')).toThrow(
    `${name} is not an option: did you mean ${nearest}?`,
  )
})

test('an unknown name without a near one is refused without advice; an undefined option is ignored', () => {
  expect(unknownNames({ xyzzy: 1, nothing: undefined }, ['commitIntervalMs'])).toEqual(['xyzzy is not an option'])
})

test('an application is not made with an unknown option', () => {
  const builder = new StreamsBuilder()
  const config = { applicationId: 'x', kafka: { bootstrap: 'localhost:9092' }, logger: silentLogger, sinkz: [] }
  expect(() => composeStreams(config, builder.build())).toThrow('sinkz is not an option')
})

test('brokers may be named in one text, as Java takes them', () => {
  expect(compileClusterOptions({ bootstrap: 'one:9092, two:9093' }).bootstrap).toEqual(
    compileClusterOptions({ bootstrap: ['one:9092', 'two:9093'] }).bootstrap,
  )
})

test.each([undefined, null, [], [9092], {}])('invalid brokers are refused with a sentence: %p', (bootstrap) => {
  expect(() => compileClusterOptions({ bootstrap: bootstrap as never })).toThrow(
    "name one broker or more as 'host:port'",
  )
})
