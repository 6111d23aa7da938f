import { expect, test } from '@jest/globals'
import { TimeHeap } from '../../../../src/runtime/task/time-heap.ts'

/** `2a 1b`: name after its time. */
function drain(text: string): string {
  const heap = new TimeHeap<string>((entry) => Number(entry[0]))
  for (const entry of text.split(' ')) heap.offer(entry)
  const names: string[] = []
  for (let entry = heap.poll(); entry !== undefined; entry = heap.poll()) names.push(entry.slice(1))
  return names.join(' ')
}

// Expected orders are what java.util.PriorityQueue of Java 17 gives.
test.each([
  ['1a 1b 1c 1d', 'a d c b'],
  ['2a 1b 1c 2d 1e 1f 2g', 'b e f c d a g'],
  ['1a 1b 2c 1d 1e', 'a e d b c'],
])('%s comes out as %s, the order of the Java heap on ties', (offered, polled) => {
  expect(drain(offered)).toBe(polled)
})
