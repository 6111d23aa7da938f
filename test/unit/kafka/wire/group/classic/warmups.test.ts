import { expect, test } from '@jest/globals'
import { Warmups } from '../../../../../../src/kafka/wire/group/classic/warmups.ts'

const task = (partition: number) => ({ subtopology: 0, partition })

test('each warm-up is reported once, when it lacks no more than it may', () => {
  const lags = new Map<string, number>()
  const warmups = new Warmups({ acceptableRecoveryLag: 10, taskLags: () => lags })
  lags.set('0_7', 0)
  expect(warmups.haveNewlyCaughtUp()).toBe(false)
  warmups.follow([task(0), task(1)])
  // How far it is behind is not known yet.
  expect(warmups.haveNewlyCaughtUp()).toBe(false)
  lags.set('0_0', 11)
  expect(warmups.haveNewlyCaughtUp()).toBe(false)
  lags.set('0_0', 10)
  expect(warmups.haveNewlyCaughtUp()).toBe(true)
  expect(warmups.haveNewlyCaughtUp()).toBe(false)
  lags.set('0_1', 0)
  expect(warmups.haveNewlyCaughtUp()).toBe(true)
  // It came again as a warm-up after it had gone.
  warmups.follow([])
  warmups.follow([task(1)])
  expect(warmups.haveNewlyCaughtUp()).toBe(true)
})
