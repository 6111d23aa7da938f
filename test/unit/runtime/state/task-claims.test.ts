import assert from 'node:assert/strict'
import { describe, test } from '@jest/globals'
import { TaskClaims } from '../../../../src/runtime/state/task-claims.ts'

const task = { subtopology: 0, partition: 3 }

function twoThreads(): readonly [TaskClaims, TaskClaims] {
  const first = new TaskClaims(1)
  return [first, new TaskClaims(2, first.memory)]
}

describe('the claims that threads share', () => {
  test('one thread has a task until it gives it back', () => {
    const [first, second] = twoThreads()
    assert.equal(first.take(task), true)
    assert.equal(first.take(task), true)
    assert.equal(second.take(task), false)
    second.free(task)
    assert.equal(second.take(task), false)
    first.free(task)
    assert.equal(second.take(task), true)
  })

  test('what a dead thread had is free, what others have is not', () => {
    const [first, second] = twoThreads()
    const other = { subtopology: 7, partition: 0 }
    first.take(task)
    second.take(other)
    second.freeAllOf(1)
    assert.equal(second.take(task), true)
    assert.equal(first.take(other), false)
  })

  test('the death of a thread is known to all threads', () => {
    const [first, second] = twoThreads()
    assert.equal(second.hasSeenDeath, false)
    first.noteDeath()
    assert.equal(second.hasSeenDeath, true)
  })

  test('damage is known to all threads', () => {
    const [first, second] = twoThreads()
    first.noteDamaged(task, true)
    assert.equal(second.isDamaged(task), true)
    second.noteDamaged(task, false)
    assert.equal(first.isDamaged(task), false)
  })

  test('each time that somebody takes a task is counted', () => {
    const [first, second] = twoThreads()
    assert.equal(second.usesOf(task), 0)
    first.take(task)
    first.take(task)
    first.free(task)
    assert.equal(second.usesOf(task), 1)
  })

  test('thousands of tasks have each their own entry', () => {
    const [first, second] = twoThreads()
    const tasks = Array.from({ length: 10_000 }, (_, index) => ({ subtopology: index % 50, partition: index }))
    assert.ok(tasks.every((each) => first.take(each)))
    assert.ok(tasks.every((each) => !second.take(each)))
  })

  test('more tasks than there is room for are refused', () => {
    const claims = new TaskClaims(1)
    const takeAll = () => {
      for (let partition = 0; partition <= 16_384; partition++) claims.take({ subtopology: 0, partition })
    }
    assert.throws(takeAll, { code: 'STATE_DIRECTORY_UNUSABLE' })
  })
})
