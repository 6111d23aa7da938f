import { describe, expect, test } from '@jest/globals'
import { AsyncMapValuesOperator } from '../../../src/operators/async-map-values.ts'
import { isAsyncOperator } from '../../../src/operators/operator.ts'
import { OperatorHarness } from '../../../src/testing/operator-harness.ts'

interface PendingCall {
  readonly value: unknown
  resolve(value: unknown): void
  reject(error: unknown): void
}

/** A mapper whose calls the test settles by hand. */
function open(concurrencyMax = 10) {
  const calls: PendingCall[] = []
  const operator = new AsyncMapValuesOperator({
    kind: 'async-map-values',
    mapper: (_key, value) => new Promise((resolve, reject) => calls.push({ value, resolve, reject })),
    concurrencyMax,
    timeoutMs: 1000,
  })
  const harness = new OperatorHarness(operator)
  const pumped = (): string[] => {
    operator.pump()
    return harness.output.take().map(({ key, value, timestamp }) => `${key}:${value}@${timestamp}`)
  }
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  return { calls, operator, harness, pumped, settled }
}

describe('async mapValues', () => {
  test('the operator reports that it holds records back', () => {
    expect(isAsyncOperator(open().operator)).toBe(true)
  })

  test('an outcome runs downstream in pump, not before', async () => {
    const { calls, harness, pumped, settled } = open()
    harness.process('k', 1, 5)
    calls[0]?.resolve('one')
    await settled()
    expect(harness.output.take()).toEqual([])
    expect(pumped()).toEqual(['k:one@5'])
  })

  test('outcomes of one key keep their order', async () => {
    const { calls, harness, pumped, settled } = open()
    harness.process('k', 1, 5)
    harness.process('k', 2, 6)
    calls[1]?.resolve('two')
    await settled()
    expect(pumped()).toEqual([])
    calls[0]?.resolve('one')
    await settled()
    expect(pumped()).toEqual(['k:one@5', 'k:two@6'])
  })

  test('keys do not wait for each other', async () => {
    const { calls, harness, pumped, settled } = open()
    harness.process('a', 1, 5)
    harness.process('b', 2, 6)
    calls[1]?.resolve('two')
    await settled()
    expect(pumped()).toEqual(['b:two@6'])
  })

  test('an outcome runs with the context of its record', async () => {
    const { calls, harness, pumped, settled } = open()
    const headers = [{ key: 'h', value: null }]
    harness.process('a', 1, 5, headers)
    harness.process('b', 2, 6)
    calls[0]?.resolve('one')
    await settled()
    pumped()
    expect(harness.recordContext).toMatchObject({ offset: 0, timestamp: 5, headers })
  })

  test('no more calls are in flight than allowed; the operator is then full', async () => {
    const { calls, operator, harness, settled } = open(2)
    harness.process('a', 1, 1)
    expect(operator.isFull).toBe(false)
    harness.process('b', 2, 2)
    expect(operator.isFull).toBe(true)
    harness.process('c', 3, 3)
    expect(calls.map(({ value }) => value)).toEqual([1, 2])
    calls[0]?.resolve('one')
    await settled()
    expect(calls.map(({ value }) => value)).toEqual([1, 2, 3])
  })

  test('a failed call throws in pump with the context of its record; the next call continues', async () => {
    const { calls, operator, harness, pumped, settled } = open()
    harness.process('k', 1, 5)
    harness.process('k', 2, 6)
    calls[0]?.reject(new Error('refused'))
    calls[1]?.resolve('two')
    await settled()
    expect(() => operator.pump()).toThrow('refused')
    expect(harness.recordContext.offset).toBe(0)
    expect(pumped()).toEqual(['k:two@6'])
  })

  test('a mapper that throws fails its record in pump', () => {
    const operator = new AsyncMapValuesOperator({
      kind: 'async-map-values',
      mapper: () => {
        throw new Error('at once')
      },
      concurrencyMax: 1,
      timeoutMs: 1000,
    })
    new OperatorHarness(operator).process('k', 1, 5)
    expect(() => operator.pump()).toThrow('at once')
  })

  test('a call that takes too long fails; its late result is ignored', async () => {
    const { calls, operator, harness, pumped, settled } = open()
    harness.process('k', 1, 5)
    harness.clock.advance(1000)
    expect(() => operator.pump()).toThrow(expect.objectContaining({ code: 'ASYNC_MAP_TIMEOUT', consequence: 'record' }))
    calls[0]?.resolve('late')
    await settled()
    expect([pumped(), operator.pending()]).toEqual([[], 0])
  })

  test('drain waits for all results and forwards them', async () => {
    const { calls, operator, harness } = open()
    harness.process('a', 1, 5)
    harness.process('b', 2, 6)
    const drained = operator.drain(500)
    calls[1]?.resolve('two')
    calls[0]?.resolve('one')
    await drained
    expect(harness.output.take().map(({ value }) => value)).toEqual(['two', 'one'])
    expect(operator.pending()).toBe(0)
  })

  test('drain gives up at its deadline and keeps what is pending', async () => {
    const { operator, harness } = open()
    harness.process('a', 1, 5)
    const drained = operator.drain(500)
    harness.clock.advance(500)
    await expect(drained).rejects.toMatchObject({ code: 'ASYNC_NOT_DRAINED', consequence: 'retriable' })
    expect(operator.pending()).toBe(1)
  })

  test('drain with nothing pending resolves at once', async () => {
    await expect(open().operator.drain(0)).resolves.toBeUndefined()
  })

  test('after close nothing is pending and no timer runs', async () => {
    const { calls, operator, harness, pumped, settled } = open()
    harness.process('a', 1, 5)
    operator.close()
    calls[0]?.resolve('one')
    harness.clock.advance(5000)
    await settled()
    expect([pumped(), operator.pending()]).toEqual([[], 0])
  })
})
