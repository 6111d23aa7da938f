import { describe, expect, test } from '@jest/globals'
import { ManualClock } from '../../../../../src/core/clock.ts'
import { compileClusterOptions } from '../../../../../src/kafka/wire/connection/cluster-options.ts'
import { oauthBearerExchange } from '../../../../../src/kafka/wire/connection/sasl-oauthbearer.ts'
import { TokenSource } from '../../../../../src/kafka/wire/connection/token-source.ts'

function sourceOf(ask: () => Promise<string>) {
  const clock = new ManualClock()
  return { clock, tokens: new TokenSource(ask, clock, 10_000) }
}

describe('the token of OAUTHBEARER', () => {
  test.each([
    ['rejects', () => Promise.reject(new TypeError('fetch failed'))],
    [
      'throws',
      () => {
        throw new Error('no file')
      },
    ],
    ['gives nothing', async () => undefined as unknown as string],
    ['gives an empty text', async () => ''],
  ])('a callback that %s is retriable', async (_what, ask) => {
    await expect(sourceOf(ask).tokens.next()).rejects.toMatchObject({
      code: 'TOKEN_UNAVAILABLE',
      consequence: 'retriable',
    })
  })

  test('a callback that never answers ends at its deadline, and the next dial asks again', async () => {
    let asked = 0
    const { clock, tokens } = sourceOf(() => (++asked === 1 ? new Promise(() => {}) : Promise.resolve('second')))
    const first = tokens.next().catch((error: unknown) => error)
    clock.advance(10_000)
    expect(await first).toMatchObject({ code: 'TOKEN_UNAVAILABLE' })
    expect(await tokens.next()).toBe('second')
  })

  test('an accepted token is used for half of its life, and only one is requested concurrently', async () => {
    let asked = 0
    const { clock, tokens } = sourceOf(async () => `token-${++asked}`)
    expect(await Promise.all([tokens.next(), tokens.next()])).toEqual(['token-1', 'token-1'])
    tokens.accepted('token-1', 60_000)
    clock.advance(29_999)
    expect(await tokens.next()).toBe('token-1')
    clock.advance(1)
    expect(await tokens.next()).toBe('token-2')
  })

  test('a token that is refused after it was accepted is requested again; a token that was never accepted is wrong', async () => {
    let asked = 0
    const { tokens } = sourceOf(async () => `token-${++asked}`)
    tokens.accepted(await tokens.next(), 60_000)
    expect([tokens.refused('token-1'), tokens.refused('token-1')]).toEqual([true, false])
    expect(await tokens.next()).toBe('token-2')
  })

  test('SASL extensions follow the token', async () => {
    const sent: string[] = []
    await oauthBearerExchange('abc', { logicalCluster: 'lkc-1', identityPoolId: 'pool-2' }, async (message) => {
      sent.push(Buffer.from(message).toString())
      return new Uint8Array(0)
    })
    expect(sent).toEqual(['n,,\u0001auth=Bearer abc\u0001logicalCluster=lkc-1\u0001identityPoolId=pool-2\u0001\u0001'])
  })

  test.each([{ auth: 'x' }, { 'logical-cluster': 'x' }, { cluster: 'a\u0001b' }, { cluster: '' }])(
    'extensions that cannot be sent are refused: %j',
    (extensions) => {
      const sasl = { mechanism: 'OAUTHBEARER', token: async () => 'abc', extensions } as const
      expect(() => compileClusterOptions({ bootstrap: ['a:1'], sasl })).toThrow(/sasl\.extensions/)
    },
  )
})
