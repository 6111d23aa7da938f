import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { MessageChannel } from 'node:worker_threads'
import { MillraceError } from '../../../../../src/core/errors.ts'
import { Channel, type Question } from '../../../../../src/runtime/application/workers/channel.ts'

interface Down {
  readonly news: { readonly greet: string }
  readonly questions: { readonly add: Question<readonly number[], number> }
}

interface Nothing {
  readonly news: object
  readonly questions: object
}

let ports: MessageChannel
let greeted: Promise<string>
let above: Channel<Down, Nothing>

beforeEach(() => {
  ports = new MessageChannel()
  greeted = new Promise((resolve) => {
    new Channel<Nothing, Down>(ports.port2, {
      greet: resolve,
      add: (numbers) => {
        if (numbers.length === 0)
          throw new MillraceError<'EMPTY'>('EMPTY', 'retriable', 'nothing to add', { details: { count: 0 } })
        return numbers.reduce((sum, number) => sum + number, 0)
      },
    })
  })
  above = new Channel<Down, Nothing>(ports.port1, {})
})

afterEach(() => ports.port1.close())

describe('a channel between two threads', () => {
  test('news arrive with their content', async () => {
    above.tell('greet', 'hello')
    assert.equal(await greeted, 'hello')
  })

  test('a question is answered', async () => {
    assert.deepEqual(await Promise.all([above.ask('add', [1, 2]), above.ask('add', [3, 4])]), [3, 7])
  })

  test('an error keeps its code, its consequence and its details', async () => {
    const error = { code: 'EMPTY', consequence: 'retriable', details: { count: 0 }, message: 'nothing to add [EMPTY]' }
    await expect(above.ask('add', [])).rejects.toMatchObject(error)
  })

  test('questions that nobody will answer reject when the channel is closed', async () => {
    const asked = above.ask('add', [1])
    above.close(new Error('gone'))
    await assert.rejects(asked, /gone/)
    await assert.rejects(above.ask('add', [1]), /gone/)
  })
})
