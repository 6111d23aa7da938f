import assert from 'node:assert/strict'
import { describe, expect, test } from '@jest/globals'
import { consequenceOf, errorCode, MillraceError } from '../../../../../src/core/errors.ts'
import { plainError, revivedError } from '../../../../../src/runtime/application/workers/plain-error.ts'

const crossed = (error: unknown) => revivedError(structuredClone(plainError(error)))

describe('an error that goes to another thread', () => {
  test('is what it was: code, consequence, message, stack, details and cause', () => {
    const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
    const error = new MillraceError('TASK_TIMEOUT', 'fatal', 'too long', { cause, details: { taskId: '0_1' } })
    const arrived = crossed(error) as MillraceError
    assert.equal(arrived.message, error.message)
    assert.equal(arrived.stack, error.stack)
    assert.equal(errorCode(arrived), 'TASK_TIMEOUT')
    assert.equal(consequenceOf(arrived), 'fatal')
    expect(arrived.details).toEqual({ taskId: '0_1' })
    assert.equal(errorCode(arrived.cause), 'ECONNREFUSED')
  })

  test('keeps what can be copied of its details, and shows the rest', () => {
    const details = { rows: new Map([['a', 1]]), handler: () => {}, nested: { call: () => {} } }
    const { details: arrived } = crossed(new MillraceError('TASK_TIMEOUT', 'fatal', 'x', { details })) as MillraceError
    expect([...(arrived.rows as Map<string, number>)]).toEqual([['a', 1]])
    assert.match(String(arrived.handler), /handler/)
    assert.equal(typeof arrived.nested, 'string')
  })

  test('may be anything that was thrown', () => {
    assert.equal(crossed('a text').message, 'a text')
    assert.equal(errorCode(crossed(new TypeError('wrong'))), undefined)
  })

  test('may be its own cause', () => {
    const error = new Error('loop') as Error & { cause: unknown }
    error.cause = error
    assert.equal(crossed(error).message, 'loop')
  })
})
