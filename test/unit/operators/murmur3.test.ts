import { describe, expect, test } from '@jest/globals'
import { murmur3Hash128 } from '../../../src/operators/murmur3.ts'

/** What Kafka Streams 4.3.1 computes: text, hash. */
const golden: readonly (readonly [string, string])[] = [
  ['', '9d2764a018e329428c3cf3b035938518'],
  ['a', '3361634e7e0f5188e9c7dda24eae326b'],
  ['ab', '79ff6415a28fa15603ff066e65c54eb0'],
  ['abc', '8cc66bdf24a3b65ee942bed9d38bee40'],
  ['abcd', '2dad74f19507f45442239844aa3b0a54'],
  ['abcde', '8c2829fa684be75433ec4038eec6fe48'],
  ['abcdefg', '8213f0cabc692d1298464044828f459a'],
  ['abcdefgh', 'c9e137e204bd98d798412524f285c8d5'],
  ['abcdefghi', '4be3491e5ef44ca37e63ebba6e3b347c'],
  ['0123456789abcde', 'c480e6b5c0016979a0d033624a7f7904'],
  ['0123456789abcdef', '1a6e941ec6a76967d7d82808f505d6b1'],
  ['0123456789abcdefg', 'a93635c3ece7b605aeed6784d1b08b32'],
  ['The quick brown fox jumps over the lazy dog', 'e74c5921af0f99c8b7f85ec81df06726'],
  ['äé', 'a98c841dfbe70f4bd627e53916e9a8f9'],
  ['😀', '6f9a4b8462206dfbd517f529cf5ce8b9'],
  ['key-1', '6502dd7feade6f740b386c59c63b7061'],
  ['key-2', 'd9161096d827959687902e0c688fe078'],
  ['key-3', '10ee50ea7a5aa1f607e2f41e7159b0dc'],
  ['user-1000', '552ed5b6329358c50a362e18477bcb66'],
  ['{"c":"c1"}', '6e716f1282b53987ebcdc405ea1ede78'],
  ['\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000', 'a27454c436bfadc459149c0ac3e68664'],
  ['\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0001', 'ddbc429416f80104974410b3f05834f7'],
  ['\u0000\u0000\u0000\u0000\u0000\u0000\u0000*', '9dc8ebe877a40f2f6cd82c2bcabe5ccf'],
]

describe('murmur3', () => {
  test.each(golden)('of %j is Java’s', (text, hash) => {
    expect(Buffer.from(murmur3Hash128(Buffer.from(text))).toString('hex')).toBe(hash)
  })

  test('bytes in the middle of a larger buffer hash alike', () => {
    const bytes = Buffer.from('xx0123456789abcdefgyy').subarray(2, 19)
    expect(murmur3Hash128(bytes)).toEqual(murmur3Hash128(Uint8Array.from(bytes)))
  })
})
