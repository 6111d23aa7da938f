import { describe, expect, test } from '@jest/globals'
import { Redaction } from '../../../../src/cli/records/redaction.ts'

const secret = 'hunter2hunter2'

describe('redaction of what commands show', () => {
  test.each([
    ['an assignment', `DB_PASSWORD=${secret}`],
    ['a name in the middle of another', `user_password: ${secret}`],
    ['a short name', `pwd=${secret}`],
    ['a passphrase', `passphrase=${secret}`],
    ['JSON in a string', `{"client_secret":"${secret}"}`],
    ['JSON in a string in a string', `said {\\"apiToken\\":\\"${secret}\\"}`],
    ['a cookie', `Cookie: sid=${secret}`],
    ['a bearer token', `sent Bearer ${secret}`],
    ['a token scheme', `Authorization: Token ${secret}`],
    ['a basic scheme', `Authorization: Basic ${secret}`],
    ['a password in an address', `https://joe:${secret}@example.com/`],
    ['a JSON web token', `eyJ${secret}.${secret}.${secret}`],
    ['a GitHub token', `ghp_${secret}${secret}`],
    ['a Slack token', `xoxb-${secret}`],
    ['a private key', `-----BEGIN RSA PRIVATE KEY-----\n${secret}\n-----END RSA PRIVATE KEY-----`],
  ])('hides %s in a text', (_, text) => {
    expect(new Redaction({}).of(text)).not.toContain(secret)
  })

  test('hides the id of an AWS key', () => {
    expect(new Redaction({}).of('key AKIAIOSFODNN7EXAMPLE used')).toBe('key [redacted:token] used')
  })

  test('hides members with secret names at any depth', () => {
    const value = { user: { password: secret, tags: [{ 'x-api-key': secret }] }, amount: 5 }
    expect(new Redaction({}).of(value)).toEqual({
      user: { password: '[redacted:secret]', tags: [{ 'x-api-key': '[redacted:secret]' }] },
      amount: 5,
    })
  })

  test('hides the members that are named, in any case of letters', () => {
    expect(new Redaction({ redact: ['iban'] }).of({ IBAN: 'DE89' })).toEqual({ IBAN: '[redacted:secret]' })
  })

  test('hides members with the mask of their rule, and once', () => {
    const rules = { rules: [{ name: 'customer', names: ['customer id'], action: 'hash' }], hashKey: 'k' } as const
    const redaction = new Redaction({ rules })
    const shown = redaction.of({ customerId: 4711 })
    expect(shown).toEqual({ customerId: expect.stringMatching(/^\[redacted:customer:[0-9a-f]{16}\]$/) })
    expect(redaction.of(shown)).toEqual(shown)
  })

  test('hides only named members with showSecrets', () => {
    const redaction = new Redaction({ redact: ['iban'], showSecrets: true })
    expect(redaction.of({ iban: 'DE89', password: secret })).toEqual({ iban: '[redacted:secret]', password: secret })
  })

  test.each([
    ['text', 'the order was taken at 12:30, total=5'],
    ['an address', 'https://example.com:8080/a?b=c'],
    ['numbers', 42n],
    ['bytes', Buffer.from('abc')],
    ['nothing', null],
  ])('leaves %s alone', (_, value) => {
    expect(new Redaction({}).of(value)).toEqual(value)
  })
})
