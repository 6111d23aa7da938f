import { expect, test } from '@jest/globals'
import { RecordBatchWriter, stampBatch } from '../../../../../src/kafka/wire/codec/record-batch-writer.ts'
import { FrameAssembler } from '../../../../../src/kafka/wire/connection/connection-frames.ts'

test('the batch that record-codec and record-batch-reader show is what the writer writes', () => {
  const writer = new RecordBatchWriter()
  writer.append(Buffer.from('k'), Buffer.from('hi'), 1000, [])
  writer.append(null, Buffer.from('yo'), 1005, [{ key: 'h', value: Buffer.from('x') }])
  const batch = writer.seal('none')
  stampBatch(batch, -1, -1, -1)
  expect(batch.toString('hex')).toBe(
    [
      ['0000000000000000', '00000048', 'ffffffff', '02', '9c64b6ca', '0000', '00000001'],
      ['00000000000003e8', '00000000000003ed', 'ffffffffffffffff', 'ffff', 'ffffffff', '00000002'],
      ['12', '00', '00', '00', '02', '6b', '04', '6869', '00'],
      ['18', '00', '0a', '02', '01', '04', '796f', '02', '02', '68', '02', '78'],
    ]
      .flat()
      .join(''),
  )
})

test('the chunks that connection-frames shows become the frames that it shows', () => {
  const frames: string[] = []
  const assembler = new FrameAssembler(1024, 'broker')
  for (const chunk of ['0000', '00026869', '00000003796f', '75'])
    assembler.push(Buffer.from(chunk, 'hex'), (frame) => frames.push(frame.toString()))
  expect(frames).toEqual(['hi', 'you'])
})
