import { expect, test } from '@jest/globals'
import { MillraceError } from '../../../../src/index.ts'
import { createRedactor } from '../../../../src/pipelines/index.ts'
import { EventReader } from '../../../../topologies/executions/event-reader.ts'

const receivedMs = Date.UTC(2026, 11, 1, 12)

function reader(dataBytesMax = 2048) {
  let cuts = 0
  const onCut = (): void => void cuts++
  const events = new EventReader({ redactor: createRedactor(), dataBytesMax, onCut })
  return { read: (value: unknown) => events.read(JSON.stringify(value), receivedMs), cuts: () => cuts }
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
  const events = new EventReader({ redactor: createRedactor(), dataBytesMax: 10, onCut: () => {} })
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
    'status (one of running, success, warning, error), startTime (ISO 8601 or epoch milliseconds)',
  )
  expect(fault).toContain('stages[0].status (one of')
  expect(fault).toContain('stages[1] (an object)')
  expect(fault).toContain('performance.totalDuration (a number from 0), performance.creditsConsumed (')
  expect(fault).not.toContain('secret')
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
