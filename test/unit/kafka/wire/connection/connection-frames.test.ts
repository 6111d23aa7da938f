import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { FrameAssembler } from '../../../../../src/kafka/wire/connection/connection-frames.ts'

function framed(body: Uint8Array): Buffer {
  const size = Buffer.alloc(4)
  size.writeInt32BE(body.length)
  return Buffer.concat([size, body])
}

function assemble(chunks: readonly Buffer[], maxFrameBytes = 100_000): string[] {
  const frames: Buffer[] = []
  const assembler = new FrameAssembler(maxFrameBytes, 'broker a:1')
  for (const chunk of chunks) assembler.push(chunk, (frame) => void frames.push(frame))
  return frames.map((frame) => frame.toString('hex'))
}

describe('frames', () => {
  test('are the same however the stream was cut into chunks', () => {
    const bodies = fc.array(
      fc.oneof(fc.uint8Array({ maxLength: 50 }), fc.uint8Array({ minLength: 17_000, maxLength: 17_010 })),
      {
        maxLength: 8,
      },
    )
    fc.assert(
      fc.property(bodies, fc.array(fc.nat({ max: 20_000 }), { maxLength: 30 }), (frames, cuts) => {
        const stream = Buffer.concat(frames.map(framed))
        const at = [...new Set([0, ...cuts.map((cut) => Math.min(cut, stream.length)), stream.length])].sort(
          (a, b) => a - b,
        )
        const chunks = at.slice(1).map((end, index) => stream.subarray(at[index], end))
        expect(assemble(chunks)).toEqual(frames.map((frame) => Buffer.from(frame).toString('hex')))
      }),
      { numRuns: 50 },
    )
  })

  test.each(['7fffffff', 'ffffffff'])('of an impossible length %s are refused', (length) => {
    expect(() => assemble([Buffer.from(length, 'hex')])).toThrow(
      expect.objectContaining({ code: 'PROTOCOL_VIOLATION' }),
    )
  })

  test('that are a TLS alert name the missing option', () => {
    expect(() => assemble([Buffer.from('15030300020228', 'hex')])).toThrow(/set tls/)
  })

  test('that are an answer over HTTP name the address and the fix', () => {
    expect(() => assemble([Buffer.from('HTTP/1.1 400 Bad Request')])).toThrow(
      /broker a:1 speaks HTTP: give the address of a Kafka listener/,
    )
  })
})
