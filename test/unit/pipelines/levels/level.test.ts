import { describe, expect, test } from '@jest/globals'
import { type Level, levelOf, levelOfNumber, type LevelScheme } from '../../../../src/pipelines/levels/level.ts'

describe('the level of a word', () => {
  test.each<readonly [string, Level]>([
    ['INFO', 'info'],
    ['INF', 'info'],
    ['Informational', 'info'],
    ['notice', 'info'],
    ['http', 'info'],
    ['RequestResponse', 'info'],
    ['TRC', 'debug'],
    ['silly', 'debug'],
    ['FINEST', 'debug'],
    ['D1', 'debug'],
    ['WRN', 'warn'],
    ['Warning', 'warn'],
    ['ERR', 'error'],
    ['E', 'error'],
    ['eror', 'error'],
    ['ERROR ', 'error'],
    ['[error]', 'error'],
    ['SEVERE', 'error'],
    ['\u001b[31mERROR\u001b[0m', 'error'],
    ['FTL', 'critical'],
    ['dpanic', 'critical'],
    ['emerg', 'critical'],
    ['ERROR+2', 'error'],
    ['50', 'error'],
    ['3', 'error'],
    ['17', 'error'],
    ['9', 'info'],
  ])('%j is %s', (word, level) => {
    expect(levelOf(word)).toBe(level)
  })

  test.each(['', 'constructor', 'boom', 'an error occurred', '999', 'ERRORS: 0 of 12'])('%j is none', (word) => {
    expect(levelOf(word)).toBeUndefined()
  })
})

describe('the level of a number', () => {
  test.each<readonly [LevelScheme, readonly (readonly [number, Level])[]]>([
    [
      'pino',
      [
        [10, 'debug'],
        [20, 'debug'],
        [30, 'info'],
        [40, 'warn'],
        [50, 'error'],
        [60, 'critical'],
        [35, 'info'],
      ],
    ],
    [
      'python',
      [
        [10, 'debug'],
        [20, 'info'],
        [30, 'warn'],
        [40, 'error'],
        [50, 'critical'],
      ],
    ],
    [
      'syslog',
      [
        [0, 'critical'],
        [2, 'critical'],
        [3, 'error'],
        [4, 'warn'],
        [5, 'info'],
        [6, 'info'],
        [7, 'debug'],
      ],
    ],
    [
      'windows',
      [
        [0, 'info'],
        [1, 'critical'],
        [2, 'error'],
        [3, 'warn'],
        [4, 'info'],
        [5, 'debug'],
      ],
    ],
    [
      'dotnet',
      [
        [0, 'debug'],
        [1, 'debug'],
        [2, 'info'],
        [3, 'warn'],
        [4, 'error'],
        [5, 'critical'],
      ],
    ],
    [
      'otel',
      [
        [0, 'info'],
        [1, 'debug'],
        [5, 'debug'],
        [9, 'info'],
        [13, 'warn'],
        [17, 'error'],
        [21, 'critical'],
        [24, 'critical'],
      ],
    ],
    [
      'logback',
      [
        [5000, 'debug'],
        [10000, 'debug'],
        [20000, 'info'],
        [30000, 'warn'],
        [40000, 'error'],
      ],
    ],
    [
      'monolog',
      [
        [100, 'debug'],
        [200, 'info'],
        [250, 'info'],
        [300, 'warn'],
        [400, 'error'],
        [500, 'critical'],
        [600, 'critical'],
      ],
    ],
    [
      'gcp',
      [
        [0, 'info'],
        [100, 'debug'],
        [200, 'info'],
        [300, 'info'],
        [400, 'warn'],
        [500, 'error'],
        [800, 'critical'],
      ],
    ],
  ])('of %s', (scheme, numbers) => {
    expect(numbers.map(([number]) => [number, levelOfNumber(scheme, number)])).toEqual(numbers)
  })
})
