import { expect, test } from '@jest/globals'
import {
  json,
  logAndContinue,
  logAndFail,
  MillraceError,
  type ProcessingHandler,
  StreamsBuilder,
  string,
} from '../../src/index.ts'
import { TopologyTestDriver } from '../../src/testing/index.ts'

// #region handler
const skipBadInput: ProcessingHandler = (error, context) =>
  (error as Partial<MillraceError>).consequence === 'record'
    ? logAndContinue(error, context)
    : logAndFail(error, context)

const options = {
  deserializationHandler: 'continue',
  processingHandler: skipBadInput,
  deadLetterTopic: 'dead-letters',
} as const
// #endregion

interface Payment {
  readonly amount: number
}

function payments() {
  const builder = new StreamsBuilder()
  // #region refuse
  builder
    .stream('payments', { key: string(), value: json<Payment>() })
    .peek((key, payment) => {
      if (payment.amount < 0)
        throw new MillraceError<'NEGATIVE'>('NEGATIVE', 'record', `payment ${key} is ${payment.amount}`)
    })
    .to('checked')
  // #endregion
  return builder.build()
}

test('what is refused becomes a dead letter that says why', async () => {
  const driver = new TopologyTestDriver(payments(), options)
  const input = driver.createInputTopic('payments', { key: string(), value: json<Payment>() })
  input.pipeInput('1', { amount: 1 })
  input.pipeInput('2', { amount: -1 })
  expect(driver.createOutputTopic('checked', { key: string(), value: json() }).queueSize).toBe(1)
  // #region dead-letter
  const letters = driver.createOutputTopic('dead-letters', { key: string(), value: json<Payment>() })
  const letter = letters.readRecord()
  const headers = new Map(letter?.headers.map(({ key, value }) => [key, Buffer.from(value ?? []).toString()]))
  expect(letter?.value).toEqual({ amount: -1 })
  expect(headers.get('__streams.errors.exception')).toBe('NEGATIVE')
  expect(headers.get('__streams.errors.topic')).toBe('payments')
  // #endregion
  expect(driver.droppedRecords()).toBe(1)
  await driver.close()
})

test('without a handler a record that fails stops the thread, and the error names it', () => {
  const driver = new TopologyTestDriver(payments())
  const input = driver.createInputTopic('payments', { key: string(), value: json<Payment>() })
  expect(() => input.pipeInput('2', { amount: -1 })).toThrow(
    expect.objectContaining({ code: 'RECORD_FAILED', consequence: 'fatal' }),
  )
})
