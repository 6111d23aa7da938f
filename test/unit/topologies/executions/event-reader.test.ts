import { expect, test } from '@jest/globals'
import { MillraceError } from '../../../../src/index.ts'
import { createRedactor } from '../../../../src/pipelines/index.ts'
import { executionKey } from '../../../../topologies/executions/execution-event.ts'
import { EventReader } from '../../../../topologies/executions/event-reader.ts'

const receivedMs = Date.UTC(2026, 11, 1, 12)

function reader(dataBytesMax = 2048) {
  let [cuts, aheads] = [0, 0]
  const onCut = (): void => void cuts++
  const onAhead = (): void => void aheads++
  const events = new EventReader({ redactor: createRedactor(), dataBytesMax, onCut, onAhead })
  const read = (value: unknown) => events.read(JSON.stringify(value), receivedMs)
  return { read, cuts: () => cuts, aheads: () => aheads }
}

const ids = { executionId: 'e1', scenarioId: 7 }
const stage = { moduleId: 3, moduleName: 'HTTP' }

function faultOf(read: () => unknown): string {
  try {
    read()
  } catch (error) {
    if (error instanceof MillraceError && error.code === ('INVALID_EXECUTION_EVENT' as string)) return error.message
    throw error
  }
  return ''
}

test('an event has texts for ids, milliseconds for times, and null for what it does not say', () => {
  const event = reader().read({
    ...ids,
    timestamp: '2026-12-01T11:59:00Z',
    stages: [{ ...stage, startTime: 1_790_000_000_000 }],
  })
  expect(event).toMatchObject({
    executionId: 'e1',
    scenarioId: '7',
    organizationId: null,
    timeMs: receivedMs - 60_000,
    status: null,
    performance: { creditsConsumed: null },
    stages: [{ stageId: '3', moduleId: '3', moduleName: 'HTTP', startMs: 1_790_000_000_000, endMs: null }],
  })
})

test('an event without a time is of the time of its record', () => {
  expect(reader().read(ids).timeMs).toBe(receivedMs)
})

test.each([
  ['no text', null],
  ['no JSON', 'executionId=5'],
  ['a list', '[]'],
  ['two objects', '{} {}'],
])('%s is refused', (_, text) => {
  const events = new EventReader({ redactor: createRedactor(), dataBytesMax: 10, onCut: () => {}, onAhead: () => {} })
  expect(faultOf(() => events.read(text, receivedMs))).toBe(
    'the value is no object of JSON: repair the program that wrote it [INVALID_EXECUTION_EVENT]',
  )
})

test('all fields at fault are named with what they must be, and no value is', () => {
  const bad = {
    executionId: '',
    status: 'secret-status',
    startTime: 'secret-time',
    performance: { creditsConsumed: -1, totalDuration: 'secret' },
    stages: [{ moduleId: 1, status: 'failed' }, 5],
  }
  const fault = faultOf(() => reader().read(bad))
  expect(fault).toContain('executionId (a text of 1 to 300 characters), scenarioId (')
  expect(fault).toContain(
    'status (one of running, success, warning, error), startTime (ISO 8601 or epoch milliseconds, from 1970 on)',
  )
  expect(fault).toContain('stages[0].status (one of')
  expect(fault).toContain('stages[1] (an object)')
  expect(fault).toContain('performance.totalDuration (a number from 0 to 2^53), performance.creditsConsumed (')
  expect(fault).not.toContain('secret')
})

test.each([
  ['startTime', '-271821-04-20T00:00:00Z'],
  ['startTime', '0001-01-01T00:00:00Z'],
  ['startTime', -5],
])('%s %s is refused', (name, time) => {
  expect(faultOf(() => reader().read({ ...ids, [name]: time }))).toContain(
    `${name} (ISO 8601 or epoch milliseconds, from 1970 on)`,
  )
})

test('a time that is more than an hour ahead counts as that of its record, and is counted', () => {
  const { read, aheads } = reader()
  const hourMs = 3_600_000
  const timestamp = '9999-12-31T00:00:00Z'
  const { timeMs, startMs, endMs } = read({
    ...ids,
    timestamp,
    startTime: receivedMs + hourMs + 1,
    endTime: receivedMs + hourMs,
  })
  expect([timeMs, startMs, endMs, aheads()]).toEqual([receivedMs, receivedMs, receivedMs + hourMs, 2])
})

test.each([1e300, -0.5])('credits of %d are refused', (creditsConsumed) => {
  expect(faultOf(() => reader().read({ ...ids, performance: { creditsConsumed } }))).toContain('creditsConsumed (')
})

test('executions of two scenarios never have the same key', () => {
  const key = (scenarioId: string, executionId: string) => executionKey(reader().read({ scenarioId, executionId }))
  expect(new Set([key('a/b', 'c'), key('a', 'b/c'), key('a%2Fb', 'c')]).size).toBe(3)
  expect(key('7', 'e1')).toBe('7/e1')
})

test.each(['__proto__', 'constructor'])('data named %s is data', (name) => {
  const text = `{"executionId":"e","scenarioId":"s","stages":[{"moduleId":"${name}","inputData":{"${name}":{"x":1}}}]}`
  const events = new EventReader({ redactor: createRedactor(), dataBytesMax: 99, onCut: () => {}, onAhead: () => {} })
  expect(JSON.stringify(events.read(text, receivedMs))).toContain(`{"${name}":{"x":1}}`)
})

test('data that is nested deep is data, or makes the event a fault', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
  const text = `{"executionId":"e","scenarioId":"s","errorDetails":${deep}}`
  const events = new EventReader({ redactor: createRedactor(), dataBytesMax: 99, onCut: () => {}, onAhead: () => {} })
  const fault = faultOf(() => expect(events.read(text, receivedMs).errorDetails).toMatch(/^\[.*…$/))
  expect(fault).toMatch(/^(the value is no object of JSON.*)?$/)
})

test('secrets in data, errors and names are hidden', () => {
  const text = JSON.stringify(
    reader().read({
      ...ids,
      userId: 'ada@example.com',
      errorDetails: 'refused: password=hunter22',
      stages: [
        { ...stage, inputData: { apiKey: 'abcdef123456', card: 4111111111111111 }, outputData: ['token=zzz999yyy'] },
      ],
    }),
  )
  for (const secret of ['ada@example.com', 'hunter22', 'abcdef123456', '4111111111111111', 'zzz999yyy'])
    expect(text).not.toContain(secret)
})

test('a secret is hidden before data is cut', () => {
  const { read } = reader(40)
  const text = JSON.stringify(
    read({ ...ids, stages: [{ ...stage, inputData: `${'x'.repeat(25)} password=hunter22` }] }),
  )
  expect(text).not.toContain('hunt')
})

test('longer data becomes a text that is cut at a whole character, and is counted', () => {
  const { read, cuts } = reader(10)
  const [{ inputData, outputData } = { inputData: null, outputData: null }] = read({
    ...ids,
    stages: [{ ...stage, inputData: 'ääääääää', outputData: 'short' }],
  }).stages
  expect([inputData, outputData, cuts()]).toEqual(['"ääää…', 'short', 1])
})

test('no data is kept where none may be', () => {
  expect(reader(0).read({ ...ids, stages: [{ ...stage, inputData: 'x' }] }).stages[0]?.inputData).toBeNull()
})

test('data of one event together is bounded', () => {
  const stages = Array.from({ length: 1000 }, (_, index) => ({ moduleId: index, inputData: 'x'.repeat(2000) }))
  const text = JSON.stringify(
    reader()
      .read({ ...ids, stages })
      .stages.map(({ inputData }) => inputData),
  )
  expect(text.length).toBeLessThan(600_000)
})
