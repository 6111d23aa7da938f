import { beforeAll, expect, test } from '@jest/globals'
import { rangesOf } from '../../../support/byte-ranges.ts'

/** As in a process that runs with --jitless. */
beforeAll(() => {
  Reflect.deleteProperty(globalThis, 'WebAssembly')
})

test('without WebAssembly, batches of views are read in JavaScript', async () => {
  const { BatchScanner } = await import('../../../../src/core/json/batch-scanner.ts')
  const { jsonView } = await import('../../../../src/index.ts')
  expect(BatchScanner.of(['a'])).toBeUndefined()
  const texts = ['{"a":"é"}', '{"a":', '{"a":"c"}'].map((text) => Buffer.from(text))
  const reader = jsonView<{ readonly a: string }>({ a: 'string' }).readBatch?.(
    rangesOf(texts, Buffer.from('{'), Buffer.from('}')),
    't',
  )
  expect(reader?.read(0, []).a).toBe('é')
  expect(() => reader?.read(1, [])).toThrow('JSON')
  expect(reader?.read(2, []).a).toBe('c')
})
