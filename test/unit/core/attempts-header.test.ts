import { describe, expect, test } from '@jest/globals'
import { attemptsOf, isRetried, withAttempts } from '../../../src/core/attempts-header.ts'
import { noHeaders } from '../../../src/core/headers.ts'

describe('the header of attempts', () => {
  const twice = withAttempts(withAttempts(noHeaders, 1, 'payments'), 2, 'payments')

  test('is there once for each application', () => {
    expect(withAttempts(twice, 1, 'orders')).toHaveLength(2)
  })

  test('counts for the application that tries', () => {
    expect([attemptsOf(twice, 'payments'), attemptsOf(twice, 'orders'), attemptsOf(twice, undefined)]).toEqual([
      2, 0, 2,
    ])
  })

  test('is known to a replay of the application', () => {
    expect([isRetried(twice, 'payments-replay-july'), isRetried(twice, 'payments-2')]).toEqual([true, false])
  })

  test.each(['', 'x', '1', '-1 payments'])("with the value '%s' counts nothing", (text) => {
    const headers = [{ key: 'millrace-attempts', value: Buffer.from(text) }]
    expect([attemptsOf(headers, 'payments'), isRetried(headers, 'payments')]).toEqual([0, false])
  })
})
