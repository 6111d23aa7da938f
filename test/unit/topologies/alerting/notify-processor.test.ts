import { expect, test } from '@jest/globals'
import { noHeaders } from '../../../../src/core/headers.ts'
import { json, type KeyValueStore, keyValueStore, string } from '../../../../src/index.ts'
import { MockProcessorContext } from '../../../../src/testing/index.ts'
import { type NoticeDecisions, NoticeProcessor } from '../../../../topologies/alerting/notify-processor.ts'

interface Count {
  count: number
}

/** Counts how often each key was due, each second; one of them fails each time. */
class Counts implements NoticeDecisions<null, Count, string> {
  readonly failing: string

  constructor(failing: string) {
    this.failing = failing
  }

  open(): void {}
  begin = (): readonly string[] => []
  create = (key: string): Count & { readonly key: string } => ({ key, count: 0 })
  take(): void {}
  isDue = (state: Count, nowMs: number): boolean => nowMs > 0 && state.count >= 0
  advance(state: Count): void {
    state.count++
    if ((state as Count & { readonly key: string }).key === this.failing) throw new Error('not this one')
  }
  wakeMs = (): number => 0
  hasOutputs = (): boolean => false
  release = (): readonly string[] => []
  isOver = (): boolean => false
}

test('a state that fails holds up no other, and is looked at again after a minute', () => {
  const stores = [keyValueStore({ name: 'states', key: string(), value: json<Count>() })]
  const context = new MockProcessorContext<string, string>({ stores })
  let nowMs = 0
  context.currentSystemTimeMs = () => nowMs
  const processor = new NoticeProcessor('states', new Counts('a'))
  processor.init(context)
  for (const key of ['a', 'b']) processor.process({ key, value: null, timestamp: 0, headers: noHeaders })
  let failures = 0
  for (let second = 1; second <= 61; second++) {
    nowMs = second * 1000
    try {
      context.punctuations.at(-1)?.punctuate(nowMs)
    } catch {
      failures++
    }
  }
  processor.beforeCommit()
  const store = context.getStateStore<KeyValueStore<string, Count>>('states')
  expect([failures, store.get('b')?.count]).toEqual([2, 61])
})
