import { expect, test } from '@jest/globals'
import { fullSight, LineView } from '../../../src/live-tail/line-view.ts'
import { Positions } from '../../../src/live-tail/positions.ts'
import { compileFilter } from '../../../src/live-tail/tail-filter.ts'
import { TailLine } from '../../../src/live-tail/tail-line.ts'
import { TokenBucket } from '../../../src/live-tail/token-bucket.ts'
import { Viewer } from '../../../src/live-tail/viewer.ts'
import type { ViewerEvent } from '../../../src/live-tail/viewer-events.ts'

test('lines that wait are still to come after a place, also those of another partition that repeat one', () => {
  const events: ViewerEvent[] = []
  const connection = { isWritable: true, send: (event: ViewerEvent) => void events.push(event), end() {}, cut() {} }
  const positions = new Positions(new Map([['logs', [3, 7]]]))
  const bucket = () => new TokenBucket(100, 0)
  const world = {
    config: { batchLinesMax: 50, queueLinesMax: 1000 },
    allLines: bucket(),
    takenMs: 0,
    totals: { shown: 0, rate: 0, buffer: 0 },
    waits: () => {},
  }
  const view = new LineView(fullSight, (line) => line)
  const viewer = new Viewer(compileFilter({}), connection, { positions, lines: bucket(), view, world })
  viewer.goLive(positions)
  for (const [partition, offset] of [
    [0, 3],
    [1, 7],
    [1, 8],
  ] as const) {
    positions.set('logs', partition, offset + 1)
    const place = { topic: 'logs', partition, offset, recordTimeMs: 0 }
    const values = [undefined, undefined, undefined, undefined, undefined, undefined, 'same']
    viewer.offer(new TailLine(place, { json: '{"message":"same"}', values, byteLength: 18 }))
  }
  viewer.tell('heartbeat')
  viewer.flush()
  expect(events.map(({ type, place }) => [type, place])).toEqual([
    ['heartbeat', '3.7'],
    ['lines', '4.9'],
  ])
  expect(JSON.parse(events[1]?.data ?? '')).toMatchObject({ lines: [{ partition: 0, offset: 3, count: 3 }] })
})
