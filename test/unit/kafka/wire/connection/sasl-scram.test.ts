import { describe, expect, test } from '@jest/globals'
import { scramExchange } from '../../../../../src/kafka/wire/connection/sasl-scram.ts'

const nonce = 'rOprNGfwEbeRWgbNEkqO'
const serverFirst = `r=${nonce}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`
const serverFinal = 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4='

/** A server that says these lines, and what it was told. */
function server(...lines: readonly string[]): {
  readonly heard: string[]
  readonly send: (message: Uint8Array) => Promise<Uint8Array>
} {
  const heard: string[] = []
  const send = async (message: Uint8Array): Promise<Uint8Array> => {
    heard.push(Buffer.from(message).toString())
    return Buffer.from(lines[heard.length - 1] ?? '')
  }
  return { heard, send }
}

const exchange = (send: (message: Uint8Array) => Promise<Uint8Array>, username = 'user', password = 'pencil') =>
  scramExchange('sha256', username, password, send, nonce)

describe('SCRAM', () => {
  test('speaks as the example of RFC 7677 does', async () => {
    const { heard, send } = server(serverFirst, serverFinal)
    await exchange(send)
    expect(heard).toEqual([
      `n,,n=user,r=${nonce}`,
      `c=biws,r=${nonce}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`,
    ])
  })

  test('escapes what has a meaning in a user name', async () => {
    const { heard, send } = server('e=other-error')
    await exchange(send, 'a=b,c').catch(() => {})
    expect(heard[0]).toBe(`n,,n=a=3Db=2Cc,r=${nonce}`)
  })

  test.each([
    ['does not prove that it knows the password', serverFirst, `v=${'A'.repeat(43)}=`, /impostor/],
    ['proves nothing at all', serverFirst, '', /impostor/],
    ['answers with an error', serverFirst, 'e=invalid-proof', /invalid-proof/],
    ['gives back our nonce alone', `r=${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`, '', /did not extend our nonce/],
    ['gives back another nonce', 'r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096', '', /did not extend our nonce/],
    ['asks for too few iterations', serverFirst.replace('4096', '100'), '', /100 iterations/],
    ['asks for iterations without end', serverFirst.replace('4096', '2000000000'), '', /2000000000 iterations/],
    ['speaks something else', 'hello', '', /not SCRAM/],
  ])('refuses a server that %s', async (_, first, final, why) => {
    const attempt = exchange(server(first, final).send)
    await expect(attempt).rejects.toMatchObject({
      code: 'SASL_AUTHENTICATION_FAILED',
      message: expect.stringMatching(why),
    })
  })
})
