import { describe, expect, test } from '@jest/globals'
import { ExactNumber, type Fields, type FieldValue } from '../../../../src/pipelines/field-value.ts'
import { createRedactor } from '../../../../src/pipelines/redaction/redact.ts'

const redactor = createRedactor()

describe('a text', () => {
  test.each([
    ['an assignment', 'DB_PASSWORD=tr0ub4dor', 'DB_PASSWORD=[redacted:secret]'],
    [
      'a pair of logfmt with quotes',
      'user=ann client_secret="a b c" ok',
      'user=ann client_secret=[redacted:secret] ok',
    ],
    ['a header', 'X-Api-Key: 9f8e7d6c5b', 'X-Api-Key: [redacted:secret]'],
    [
      'a query',
      'GET /login?user=ann&password=tr0ub4dor HTTP/1.1',
      'GET /login?user=ann&password=[redacted:secret] HTTP/1.1',
    ],
    ['JSON', '{"apiToken":"abc","n":1}', '{"apiToken":"[redacted:secret]","n":1}'],
    ['a number of JSON', '{"password":123456}', '{"password":"[redacted:secret]"}'],
    ['escaped JSON', '{\\"pwd\\":\\"a\\\\\\"b\\"}', '{\\"pwd\\":\\"[redacted:secret]\\"}'],
    ['a hash of Ruby', '{"token"=>"abcd", "a"=>1}', '{"token"=>[redacted:secret], "a"=>1}'],
    ['a member of Python', "{'passwd': 'abc', 'a': 1}", "{'passwd': '[redacted:secret]', 'a': 1}"],
    ['XML', '<password>tr0ub4dor</password>', '<password>[redacted:secret]</password>'],
    ['an option', 'run --api-key 9f8e7d6c5b --verbose', 'run --api-key [redacted:secret] --verbose'],
    ['running text', 'the password: tr0ub4dor.', 'the password: [redacted:secret].'],
    ['a bearer token', 'Authorization: Bearer abcdef0123456789', 'Authorization: [redacted:token]'],
    ['another scheme', 'authorization: Token 9f8e7d6c5b4a', 'authorization: [redacted:token]'],
    ['a field of a form', 'name="password"\r\n\r\ntr0ub4dor\r\n--x', 'name="password"\r\n\r\n[redacted:secret]\r\n--x'],
    ['encoded JSON', 'q=%7B%22pwd%22%3A%22tr0ub4dor%22%7D&a=1', 'q=%7B%22pwd%22%3A%22[redacted:secret]%22%7D&a=1'],
    ['cookies', 'Cookie: sid=9f8e7d6c5b; theme=dark', 'Cookie: [redacted:secret]'],
    ['a URL', 'amqp://app:tr0ub4dor@mq.example.com/x', 'amqp://app:[redacted:secret]@mq.example.com/x'],
    ['a URL whose slashes are escaped', 'amqp:\\/\\/app:tr0ub4dor@mq\\/x', 'amqp:\\/\\/app:[redacted:secret]@mq\\/x'],
    ['a DSN', 'app:tr0ub4dor@tcp(db:3306)/shop', 'app:[redacted:secret]@tcp(db:3306)/shop'],
    ['a web token', 'got eyJhbGciOiJ9.eyJzdWIiOiJ9.c2ln now', 'got [redacted:token] now'],
    [
      'a private key',
      'k -----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- z',
      'k [redacted:token] z',
    ],
    ['a key of a service', 'using sk_live_9f8e7d6c5b4a3f2e1d', 'using [redacted:token]'],
    ['an address', 'mail to jane.doe+x@mail.example.org.', 'mail to [redacted:email].'],
    ['a card', 'card 5555-5555-5555-4444 ok', 'card [redacted:card] ok'],
    ['a card of American Express', 'card 3782 822463 10005', 'card [redacted:card]'],
    ['an account', 'to GB82WEST12345698765432, thanks', 'to [redacted:iban], thanks'],
    ['a social security number', 'ssn 123-45-6789', 'ssn [redacted:ssn]'],
    ['a telephone number', 'call +49 30 901820-100 now', 'call [redacted:phone] now'],
  ])('loses what is secret in %s', (_, text, expected) => {
    expect(redactor.redactText(text)).toBe(expected)
    expect(redactor.redactText(expected)).toBe(expected)
  })

  test.each([
    'order 1234 5678 9012 3456',
    'at 1764374400123 took 4111111111111111.5 ns',
    'flow_id=4111111111111111',
    'blk_-4980916519894289629',
    'Basic authentication failed for ann',
    'Unexpected token: }',
    'Password: incorrect',
    'max_tokens=4096 tokens: 12',
    'USER=root ; PWD=/srv/ann ; COMMAND=/bin/ls',
    'installed lodash@4.17.21 and started getty@tty1.service',
    'kex curve25519-sha256@libssh.org',
    'https://example.com:8080/a?b=c',
    'DE00370400440532013000',
    'ssn 000-45-6789 666-45-6789 912-45-6789 123-00-6789 123-45-0000 x-123-45-6789',
    '2026-11-24 08:30:00 +0000 plain words',
  ])('keeps %s', (text) => {
    expect(redactor.redactText(text)).toBe(text)
    expect(redactor.found).toEqual([])
  })

  test('tells which rules found something', () => {
    redactor.redactText('password=tr0ub4dor of ann@example.com')
    expect(redactor.found).toEqual(['secret', 'email'])
  })
})

describe('fields', () => {
  test('lose secrets by name, in values, numbers, keys and nested arrays', () => {
    const fields: Fields = {
      user: { dbPassword: 'tr0ub4dor', notes: ['call', { text: 'ann@example.com' }] },
      pan: 4111111111111111,
      exact: new ExactNumber('4111111111111111'),
      'ann@example.com': 5,
      cookies: { a: 'b' },
      oldPasswords: ['tr0ub4dor', 'horse'],
      passwords: 12,
      startedAt: 1764374400123,
    }
    expect(redactor.redactFields(fields)).toEqual(['secret', 'email', 'card'])
    expect(fields).toEqual({
      user: { dbPassword: '[redacted:secret]', notes: ['call', { text: '[redacted:email]' }] },
      pan: '[redacted:card]',
      exact: '[redacted:card]',
      '[redacted:email]': 5,
      cookies: { a: '[redacted:secret]' },
      oldPasswords: ['[redacted:secret]', '[redacted:secret]'],
      passwords: 12,
      startedAt: 1764374400123,
    })
  })

  test('that lie very deep become a text, with nothing of a secret', () => {
    const deep = (value: FieldValue): FieldValue =>
      Array.from({ length: 120 }).reduce<FieldValue>((inner) => [inner], value)
    const fields: Fields = {
      a: deep({ password: 'tr0ub4dor', id: new ExactNumber('9007199254740993') }),
      secret: deep('x7'),
    }
    redactor.redactFields(fields)
    const text = JSON.stringify(fields)
    expect(text).toContain('9007199254740993}')
    expect(text).not.toMatch(/tr0ub4dor|x7/)
  })

  test('keep what a rule for other fields names', () => {
    const rules = { rules: [{ name: 'email', detector: 'email', fields: ['user.mail'] }] } as const
    const fields: Fields = { user: { mail: 'a@example.com' }, other: 'a@example.com' }
    createRedactor(rules).redactFields(fields)
    expect(fields).toEqual({ user: { mail: '[redacted:email]' }, other: 'a@example.com' })
  })

  test('are the same for equal values where a rule hashes with a key', () => {
    const hashed = createRedactor({ rules: [{ name: 'ip', detector: 'ip', action: 'hash' }], hashKey: 'k' })
    const fields: Fields = { a: 'from 192.0.2.7:22', b: '192.0.2.7', c: '2001:db8::1' }
    hashed.redactFields(fields)
    expect(fields.a).toBe(`from ${String(fields.b)}:22`)
    expect(fields.b).toMatch(/^\[redacted:ip:[0-9a-f]{16}\]$/)
    expect(fields.c).not.toBe(fields.b)
  })

  test('go where a rule drops them', () => {
    const fields: Fields = { password: 'x', text: 'a password=tr0ub4dor b' }
    createRedactor({ rules: [{ name: 'secret', names: ['password'], action: 'drop' }] }).redactFields(fields)
    expect(fields).toEqual({ text: 'a password= b' })
  })

  test('go where a rule drops them by their path, alone', () => {
    const fields: Fields = { user: { note: 'tea', id: 5 }, note: 'tea' }
    const dropping = createRedactor({ rules: [{ name: 'note', fields: ['user.note'], action: 'drop' }] })
    expect(dropping.redactFields(fields)).toEqual(['note'])
    expect(fields).toEqual({ user: { id: 5 }, note: 'tea' })
  })
})

describe('rules for named fields', () => {
  const rules = { rules: [{ name: 'customer', fields: ['customer.note', 'pan'] }] } as const

  test('hide whatever these hold', () => {
    const fields: Fields = { customer: { note: ['likes tea', 5] }, pan: true, other: 'likes tea' }
    createRedactor(rules).redactFields(fields)
    expect(fields).toEqual({
      customer: { note: ['[redacted:customer]', '[redacted:customer]'] },
      pan: '[redacted:customer]',
      other: 'likes tea',
    })
  })

  test('hold in the original line, where all fields are in one text', () => {
    const fields: Fields = { event: { original: '{"customer":{"note":"likes tea"},"pan":"x1","a":"b"} note=tea' } }
    createRedactor(rules).redactFields(fields)
    expect(fields).toEqual({
      event: {
        original:
          '{"customer":{"note":"[redacted:customer]"},"pan":"[redacted:customer]","a":"b"} note=[redacted:customer]',
      },
    })
  })

  test('hold by their last name in a text', () => {
    expect(createRedactor(rules).redactJson('{"customer":{"note":"likes tea"}}')).toBe(
      '{"customer":{"note":"[redacted:customer]"}}',
    )
  })
})

describe('a name of a rule', () => {
  test.each([
    ['customerNumber', 'customer_number'],
    ['customer number', 'x-customer-number'],
    ['session header', 'sessionHeader'],
    ['my id', 'MY_ID'],
  ])('%j hides the value of %j', (name, field) => {
    const named = createRedactor({ rules: [{ name: 'own', names: [name] }] })
    expect(named.redactText(`${field}=v4lue`)).toBe(`${field}=[redacted:own]`)
  })

  test('that is short is no part of another word', () => {
    const named = createRedactor({ rules: [{ name: 'own', names: ['my id'] }] })
    expect(named.redactText('dummyid=v4lue dummy_id=v4lue')).toBe('dummyid=v4lue dummy_id=v4lue')
  })

  test('wins over the rules that follow it', () => {
    const first = {
      rules: [
        { name: 'own', names: ['db password'] },
        { name: 'secret', names: ['password'] },
      ],
    }
    expect(createRedactor(first).redactText('db_password=x1 password=x2')).toBe(
      'db_password=[redacted:own] password=[redacted:secret]',
    )
  })
})

test('rules that hash without a key are refused', () => {
  expect(() => createRedactor({ rules: [{ name: 'ip', detector: 'ip', action: 'hash' }] })).toThrow(
    'the redaction rule ip hashes, and there is no key: set REDACTION_HASH_KEY',
  )
})

test('a text of JSON keeps its numbers and order, and what it escapes is understood', () => {
  const text = '{"id":1234567890123456789,"mail":"ann\\u0040example.com","a":{"password":"x\\"y"},"id":1.10}'
  expect(redactor.redactJson(text)).toBe(
    '{"id":1234567890123456789,"mail":"[redacted:email]","a":{"password":"[redacted:secret]"},"id":1.10}',
  )
})

test.each([
  ['{"a":"to ann@example.com","n":1}', '{"a":"to [redacted:email]","n":1}'],
  ['{"pan":4111111111111111}', '{"pan":"[redacted:card]"}'],
  ['{"password":{"a":"b"},"n":[1]}', '{"password":{"a":"[redacted:secret]"},"n":[1]}'],
  ['{"password":7654321,"n":1}', '{"password":"[redacted:secret]","n":1}'],
  ['{"m":"hooks.slack.com\\/services\\/T02AB12CD\\/B03EF45GH\\/9x81mQ4v","n":1}', '{"m":"[redacted:token]","n":1}'],
  ['{"m":"Authorization: Digest a=\\"b\\"","n":1}', '{"m":"Authorization: [redacted:token]","n":1}'],
])('the JSON %s stays JSON', (text, expected) => {
  expect(redactor.redactJson(text)).toBe(expected)
  expect(JSON.parse(redactor.redactJson(text))).toEqual(JSON.parse(expected))
})

test.each([
  ['{"tags":["password="]}', '{"tags":["password="]}'],
  ['{"password":{}}', '{"password":{}}'],
  ['{"password":[],"message":"pwd=abc"}', '{"password":[],"message":"pwd=[redacted:secret]"}'],
])('no bracket of JSON is a value: %s', (text, expected) => {
  expect(redactor.redactJson(text)).toBe(expected)
})
