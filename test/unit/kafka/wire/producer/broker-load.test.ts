import { describe, expect, test } from '@jest/globals'
import { BrokerLoad } from '../../../../../src/kafka/wire/producer/broker-load.ts'
import { compileProducerOptions } from '../../../../../src/kafka/wire/producer/producer-config.ts'
import { writerDefaults } from '../../../../../src/kafka/writer-defaults.ts'

const nodeId = 1

function loadWith(waits: { readonly lingerMs: number; readonly idleLingerMs: number }): BrokerLoad {
  return new BrokerLoad(compileProducerOptions({ ...writerDefaults, ...waits }))
}

describe('how long a batch waits for its broker', () => {
  test('idleLingerMs while it is idle, and lingerMs while it has a request', () => {
    const load = loadWith({ lingerMs: 100, idleLingerMs: 5 })
    const waits = [load.lingerMs(nodeId)]
    load.noteSent(nodeId)
    waits.push(load.lingerMs(nodeId))
    load.noteEnded(nodeId)
    expect([...waits, load.lingerMs(nodeId)]).toEqual([5, 100, 5])
  })

  test.each([
    [3, 5],
    [40, 40],
    [600, 100],
  ])('after %d early batches, %d ms', (batches, waitMs) => {
    const load = loadWith({ lingerMs: 100, idleLingerMs: 5 })
    load.noteEarly(nodeId, batches)
    expect(load.lingerMs(nodeId)).toBe(waitMs)
  })

  test('never longer than lingerMs', () => {
    expect(loadWith({ lingerMs: 0, idleLingerMs: 5 }).lingerMs(nodeId)).toBe(0)
  })

  test('by broker', () => {
    const load = loadWith({ lingerMs: 100, idleLingerMs: 5 })
    load.noteEarly(nodeId, 50)
    load.noteSent(2)
    expect([load.lingerMs(nodeId), load.lingerMs(2), load.lingerMs(3)]).toEqual([50, 100, 5])
  })
})
