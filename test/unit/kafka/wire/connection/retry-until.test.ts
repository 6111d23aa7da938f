import { describe, expect, test } from '@jest/globals'
import { ManualClock } from '../../../../../src/core/clock.ts'
import { MillraceError } from '../../../../../src/core/errors.ts'
import { Backoff } from '../../../../../src/core/backoff.ts'
import { Deadline, retryUntil, Tries } from '../../../../../src/kafka/wire/connection/retry-until.ts'

const retriable = () => new MillraceError<'FLAKY'>('FLAKY', 'retriable', 'try again')

/** Lets promises settle, then moves time, until the work is done. */
async function run<T>(clock: ManualClock, work: Promise<T>, stepMs: number): Promise<T> {
  let isDone = false
  work.then(
    () => (isDone = true),
    () => (isDone = true),
  )
  for (let step = 0; step < 1000 && !isDone; step++) {
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(stepMs)
  }
  return work
}

describe('a retried step', () => {
  const backoff = () => new Backoff({ initialMs: 100, maxMs: 1000 }, () => 0.5)

  test('is tried until it succeeds', async () => {
    const clock = new ManualClock()
    let tries = 0
    const step = async () => {
      if (++tries < 4) throw retriable()
      return 'done'
    }
    await expect(run(clock, retryUntil(clock, new Deadline(clock, 60_000), backoff(), step), 10)).resolves.toBe('done')
    expect(tries).toBe(4)
  })

  test('ends at the deadline with the last error, without waiting past it', async () => {
    const clock = new ManualClock()
    let tries = 0
    const step = async () => {
      tries++
      throw retriable()
    }
    const work = retryUntil(clock, new Deadline(clock, 1000), backoff(), step)
    await expect(run(clock, work, 10)).rejects.toMatchObject({ code: 'FLAKY' })
    expect(tries).toBe(4)
    expect(clock.monotonicMs()).toBeLessThanOrEqual(1000)
  })

  test('that the deadline cuts short ends with why the tries before it failed', async () => {
    const clock = new ManualClock()
    const deadline = new Deadline(clock, 1000)
    let tries = 0
    const step = async () => {
      if (++tries < 3) throw retriable()
      await clock.sleep(deadline.remainingMs())
      throw new MillraceError<'TOO_LATE'>('TOO_LATE', 'retriable', 'took longer than what was left')
    }
    await expect(run(clock, retryUntil(clock, deadline, backoff(), step), 10)).rejects.toMatchObject({ code: 'FLAKY' })
    expect(tries).toBe(3)
  })

  test('ends at once with an error that a retry cannot mend', async () => {
    const clock = new ManualClock()
    const step = async () => {
      throw new MillraceError<'NO'>('NO', 'fatal', 'no')
    }
    await expect(retryUntil(clock, new Deadline(clock, 1000), backoff(), step)).rejects.toMatchObject({ code: 'NO' })
  })
})

describe('the time of a try', () => {
  test('begins with a third, doubles up to all that a request may take, and ends with the deadline', () => {
    const clock = new ManualClock()
    const tries = new Tries(new Deadline(clock, 100_000), 30_000)
    expect([tries.nextMs(), tries.nextMs(), tries.nextMs()]).toEqual([10_000, 20_000, 30_000])
    clock.advance(95_000)
    expect(tries.nextMs()).toBe(5_000)
  })
})
