import { describe, expect, test } from '@jest/globals'
import { gunzipSync } from 'node:zlib'
import { GzipStream } from '../../../src/live-tail/gzip-stream.ts'
import { LineRing } from '../../../src/live-tail/line-ring.ts'
import { Positions } from '../../../src/live-tail/positions.ts'
import { TailLine } from '../../../src/live-tail/tail-line.ts'

const at = (partition: number, offset: number) =>
  new TailLine({ topic: 'logs', partition, offset, recordTimeMs: 0 }, { json: '{}', values: [], byteLength: 10 })
const positions = (...offsets: readonly number[]) => new Positions(new Map([['logs', offsets]]))

describe('the ring of lines', () => {
  test('knows up to where it holds everything, by partition', () => {
    const ring = new LineRing({ bytesMax: 25, ageMsMax: 1000 }, positions(5, 7))
    expect(ring.covers(positions(5, 7))).toBe(true)
    expect(ring.covers(positions(4, 7))).toBe(false)
    for (const line of [at(0, 5), at(1, 7), at(0, 6)]) ring.add(line, 0)
    expect([ring.first, ring.next, ring.byteLength]).toEqual([1, 3, 20])
    expect(ring.covers(positions(5, 7))).toBe(false)
    expect(ring.covers(positions(6, 7))).toBe(true)
    expect(ring.at(0)).toBeUndefined()
    expect([ring.at(1)?.partition, ring.at(2)?.offset]).toEqual([1, 6])
  })

  test('lets old lines go', () => {
    const ring = new LineRing({ bytesMax: 1000, ageMsMax: 1000 }, positions(0))
    ring.add(at(0, 0), 0)
    ring.add(at(0, 1), 600)
    ring.expire(1001)
    expect([ring.first, ring.next]).toEqual([1, 2])
  })

  test('holds what it should after many lines', () => {
    const ring = new LineRing({ bytesMax: 1000, ageMsMax: 1000 }, positions(0))
    for (let offset = 0; offset < 10_000; offset++) ring.add(at(0, offset), 0)
    expect([ring.first, ring.next, ring.byteLength]).toEqual([9900, 10_000, 1000])
    expect([ring.at(9900)?.offset, ring.at(9999)?.offset]).toEqual([9900, 9999])
  })
})

describe('positions', () => {
  test('are a short text that any process reads', () => {
    const written = new Positions(
      new Map([
        ['a', [0, 1_000_000]],
        ['b', []],
        ['c', [35]],
      ]),
    ).toString()
    expect(written).toBe('0.lfls~~z')
    expect(Positions.parse(written, ['a', 'b', 'c'])?.partitions()).toEqual([
      { topic: 'a', partition: 0, offset: 0 },
      { topic: 'a', partition: 1, offset: 1_000_000 },
      { topic: 'c', partition: 0, offset: 35 },
    ])
  })

  test.each(['', '1~2', '1.-2', '1.2.', 'x y', '1'.repeat(40)])('are not %j', (text) => {
    expect(Positions.parse(text, ['a'])?.toString() ?? 'none').toBe(text === '' ? '' : 'none')
  })

  test('compare by partition', () => {
    expect(positions(1, 2).isAtLeast(positions(1, 2))).toBe(true)
    expect(positions(1, 2).isAtLeast(positions(2, 0))).toBe(false)
    expect(positions(1).isAtLeast(positions(1, 1))).toBe(false)
  })
})

describe('a gzip stream', () => {
  test('is read by zlib, with parts of any size', () => {
    const gzip = new GzipStream()
    const texts = ['', 'short', 'é'.repeat(600), 'x'.repeat(200_000), 'y'.repeat(1023), 'z'.repeat(1024)]
    const bytes = Buffer.concat([...texts.map((text) => gzip.part(text)), gzip.end()])
    expect(gunzipSync(bytes).toString()).toBe(texts.join(''))
    expect(bytes.length).toBeLessThan(5000)
  })

  test('is empty where nothing was written', () => {
    expect(gunzipSync(new GzipStream().end()).length).toBe(0)
  })
})
