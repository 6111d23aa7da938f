import { describe, expect, test } from '@jest/globals'
import { TopologyTestDriver } from '../../../src/testing/index.ts'
import { sketchTopology, text } from './topology-fixture.ts'

const serdes = { key: text, value: text }

function upperCaseTopology() {
  return sketchTopology({
    source: { kind: 'source', topics: ['in'] },
    upper: {
      kind: 'processor',
      operator: { kind: 'map-values', mapper: (_key, value) => (value as string).toUpperCase() },
      parents: ['source'],
    },
    sink: { kind: 'sink', topic: 'out', parents: ['upper'] },
  })
}

describe('TopologyTestDriver', () => {
  test('carries key, value, timestamp and headers through a stateless topology', () => {
    const driver = new TopologyTestDriver(upperCaseTopology())
    const headers = [{ key: 'h', value: Buffer.from('1') }]
    driver.createInputTopic('in', serdes).pipeInput('k', 'a', 7, headers)
    const out = driver.createOutputTopic('out', serdes)
    expect(out.readRecord()).toEqual({ key: 'k', value: 'A', timestamp: 7, headers })
    expect(out.isEmpty).toBe(true)
  })

  test('refuses a topic that no source reads', () => {
    const driver = new TopologyTestDriver(upperCaseTopology())
    expect(() => driver.createInputTopic('other', serdes).pipeInput('k', 'a')).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_TOPIC' }),
    )
  })

  test('feeds what is produced to a source topic back into the topology', () => {
    const driver = new TopologyTestDriver(
      sketchTopology({
        first: { kind: 'source', topics: ['in'] },
        between: { kind: 'sink', topic: 'middle', parents: ['first'] },
        second: { kind: 'source', topics: ['middle'] },
        sink: { kind: 'sink', topic: 'out', parents: ['second'] },
      }),
    )
    driver.createInputTopic('in', serdes).pipeInput('k', 'a', 1)
    expect(driver.createOutputTopic('out', serdes).readKeyValuesToList()).toEqual([['k', 'a']])
    expect([...driver.producedTopicNames()]).toEqual(['middle', 'out'])
  })

  test('reads every topic that matches the pattern of a source', () => {
    const driver = new TopologyTestDriver(
      sketchTopology({
        source: { kind: 'source', topics: /logs-.*/ },
        sink: { kind: 'sink', topic: 'out', parents: ['source'] },
      }),
    )
    driver.createInputTopic('logs-a', serdes).pipeInput('k', 'a', 1)
    driver.createInputTopic('logs-b', serdes).pipeInput('k', 'b', 2)
    expect(driver.createOutputTopic('out', serdes).readValuesToList()).toEqual(['a', 'b'])
  })

  test('throws the error of user code with the node that failed', () => {
    const driver = new TopologyTestDriver(upperCaseTopology())
    expect(() => driver.createInputTopic('in', serdes).pipeInput('k', null)).toThrow(
      expect.objectContaining({ code: 'RECORD_FAILED', details: expect.objectContaining({ operator: 'upper' }) }),
    )
  })
})

describe('handlers', () => {
  const failing = (mapper: (key: unknown, value: unknown) => unknown) =>
    sketchTopology({
      source: { kind: 'source', topics: ['in'] },
      failing: { kind: 'processor', operator: { kind: 'map-values', mapper }, parents: ['source'] },
      first: { kind: 'sink', topic: 'out', parents: ['failing'] },
      sibling: { kind: 'sink', topic: 'copy', parents: ['source'] },
    })
  const throwOnBoom = (_key: unknown, value: unknown) => {
    if (value === 'boom') throw new RangeError('boom it is')
    return value
  }

  test('processing continue loses only the branch that failed, and counts it', () => {
    const driver = new TopologyTestDriver(failing(throwOnBoom), { processingHandler: 'continue' })
    driver.createInputTopic('in', serdes).pipeKeyValues([
      ['k', 'a'],
      ['k', 'boom'],
    ])
    expect(driver.createOutputTopic('out', serdes).readValuesToList()).toEqual(['a'])
    expect(driver.createOutputTopic('copy', serdes).readValuesToList()).toEqual(['a', 'boom'])
    expect(driver.droppedRecords()).toBe(1)
  })

  test('a dead letter holds the raw source record and says what went wrong', () => {
    const driver = new TopologyTestDriver(failing(throwOnBoom), {
      processingHandler: 'continue',
      deadLetterTopic: 'dead',
    })
    driver.createInputTopic('in', serdes).pipeInput('k', 'boom', 5, [{ key: 'h', value: Buffer.from('x') }])
    const [letter] = driver.producedRecords().filter(({ topic }) => topic === 'dead')
    expect(letter).toMatchObject({ timestamp: 5 })
    expect(Buffer.from(letter?.key ?? []).toString()).toBe('k')
    expect(Buffer.from(letter?.value ?? []).toString()).toBe('boom')
    const headers = letter?.headers.map(({ key, value }) => [key, Buffer.from(value ?? []).toString()]) ?? []
    expect(headers.filter(([name]) => name !== '__streams.errors.stacktrace')).toEqual([
      ['h', 'x'],
      ['__streams.errors.exception', 'RangeError'],
      ['__streams.errors.message', 'boom it is'],
      ['__streams.errors.topic', 'in'],
      ['__streams.errors.partition', '0'],
      ['__streams.errors.offset', '0'],
      ['__millrace.errors.application', 'app'],
      ['__millrace.errors.topology', expect.stringMatching(/^[0-9a-f]{64}$/)],
      ['__millrace.errors.task', '0_0'],
      ['__millrace.errors.node', expect.any(String)],
    ])
  })

  test('deserialization continue skips poisoned bytes', () => {
    const driver = new TopologyTestDriver(
      failing((_key, value) => value),
      { deserializationHandler: 'continue' },
    )
    const poison = { topic: 'in', key: null, value: Buffer.from([0xff]), timestamp: 1, headers: [] }
    driver.pipeRaw(poison)
    driver.createInputTopic('in', serdes).pipeInput('k', 'a', 2)
    expect(driver.createOutputTopic('out', serdes).readValuesToList()).toEqual(['a'])
    expect(driver.droppedRecords()).toBe(1)
  })

  test('deserialization fails by default', () => {
    const driver = new TopologyTestDriver(failing((_key, value) => value))
    const poison = { topic: 'in', key: null, value: Buffer.from([0xff]), timestamp: 1, headers: [] }
    expect(() => driver.pipeRaw(poison)).toThrow(expect.objectContaining({ code: 'RECORD_FAILED' }))
  })

  test('production continue drops a value that cannot be serialized', () => {
    const driver = new TopologyTestDriver(
      failing(() => 5),
      { productionHandler: 'continue' },
    )
    driver.createInputTopic('in', serdes).pipeInput('k', 'a', 1)
    expect(driver.createOutputTopic('out', serdes).isEmpty).toBe(true)
    expect(driver.createOutputTopic('copy', serdes).readValuesToList()).toEqual(['a'])
  })
})
