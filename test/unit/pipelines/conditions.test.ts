import { describe, expect, test } from '@jest/globals'
import { compileCondition } from '../../../src/pipelines/conditions/condition.ts'
import { LogEvent } from '../../../src/pipelines/log-event.ts'

const event = new LogEvent('line', 0, 'source')
event.fields = {
  level: 'error',
  service: 'payments',
  statusCode: 503,
  'http.path': '/login',
  user: { id: '42' },
  tags: ['a', 'b'],
  message: 'connection refused by db-7',
  empty: '',
}

describe('a condition', () => {
  test.each([
    ["level == 'error'", true],
    ["level != 'error'", false],
    ["level >= 'warn'", true],
    ["level < 'warn'", false],
    ['statusCode >= 500', true],
    ['statusCode >= 500 and statusCode < 503', false],
    ["service == 'x' or statusCode == 503", true],
    ["service == 'x' or statusCode == 503 and level == 'info'", false],
    ["(service == 'x' or statusCode == 503) and not level == 'info'", true],
    ["service in ['orders', 'payments']", true],
    ["service not in ['orders', 'payments']", false],
    ["tags in ['b']", true],
    ["tags contains 'a'", true],
    ["message contains 'refused'", true],
    ['message matches /db-\\d$/', true],
    ['message matches /^db/', false],
    ['exists(user.id)', true],
    ['exists(user.name)', false],
    ['not exists(user.name)', true],
    ["http.path == '/login'", true],
    ["[user][id] == '42'", true],
    ['user.id > 41', true],
    ["missing == 'x'", false],
    ["missing != 'x'", true],
    ['missing < 5', false],
    ['empty >= 0', false],
    ['missing not in ["x"]', true],
    ["message matches /it's \\/ here/", false],
  ])('%s is %s', (condition, expected) => {
    expect(compileCondition(condition)(event)).toBe(expected)
  })

  test.each([
    ['level = "x"', '= at column 7 is not part of a condition: write =='],
    ['level =~ /x/', '=~ at column 7 is not part of a condition: write matches'],
    ['a == 1 && b == 2', '& at column 8 is not part of a condition: write and'],
    ['a == 1 || b == 2', '| at column 8 is not part of a condition: write or'],
    ['!exists(a)', '! at column 1 is not part of a condition: write not'],
    ['level == $x', '$ at column 10 is not part of a condition: put texts between quotes'],
    ['level == error', 'error at column 10 is no value: put texts between quotes'],
    ["level == 'x", "the ' at column 10 has no end"],
    ["level == 'x' service", 'service at column 14 is too much'],
    ["(level == 'x'", 'the end at column 14 is not )'],
    ['== 5', '== at column 1 is no field'],
    ["level like 'x'", 'like at column 7 is no comparison'],
    ['message matches /(/', 'the expression ( cannot be read'],
    ["service in 'a'", 'a at column 12 is not ['],
  ])('%s is refused: %s', (condition, reason) => {
    expect(() => compileCondition(condition)).toThrow(
      expect.objectContaining({ message: expect.stringContaining(reason) }),
    )
  })
})
