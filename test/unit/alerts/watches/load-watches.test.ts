import { describe, expect, test } from '@jest/globals'
import { loadWatches } from '../../../../src/alerts/index.ts'

const file = `watches:
  - name: rates
    topic: fastmcp-error-rates
    severity: high
    train: { features: [total, errors], every: 12h, options: { trees: 50 } }
    keys:
      batch: { threshold: 0.8, patience: 1, train: { kind: forest, features: [total, errors], over: 2d } }
      tests: { severity: low }
`

describe('a file of watches', () => {
  const [rates] = loadWatches(file, 'watches.yaml')

  test('has settings for all keys, and others for some', () => {
    expect(rates?.planOf('shop')).toMatchObject({ severity: 'high', threshold: 0, patienceVectors: 5 })
    expect(rates?.planOf('batch')).toMatchObject({ severity: 'high', threshold: 0.8, patienceVectors: 1 })
    expect(rates?.planOf('tests')).toMatchObject({ severity: 'low', training: { kind: 'pca' } })
  })

  test('has the schedule of the training of each', () => {
    const hourMs = 3_600_000
    expect(rates?.planOf('shop').training).toMatchObject({ everyMs: 12 * hourMs, overMs: 168 * hourMs, rowsMin: 300 })
    expect(rates?.planOf('batch').training).toMatchObject({ kind: 'forest', everyMs: 24 * hourMs, overMs: 48 * hourMs })
    expect(rates?.overMs).toBe(168 * hourMs)
  })

  test('names all mistakes of its form at once, each with its line', () => {
    const wrong = file
      .replace('name: rates', 'name: Rates')
      .replace('0.8', '2')
      .replace('severity: low', 'severity: bad')
    expect(() => loadWatches(wrong, 'watches.yaml')).toThrow(
      /watches\.yaml:2[^]*name[^]*watches\.yaml:7[^]*threshold[^]*watches\.yaml:8[^]*severity/,
    )
  })

  test('names a name that comes twice, and times that cannot be', () => {
    const twice = `${file.replace('12h', '5s').replace('2d', '90d')}${file.split('\n').slice(1, 3).join('\n')}\n`
    expect(() => loadWatches(twice, 'watches.yaml')).toThrow(expect.objectContaining({ code: 'INVALID_WATCHES' }))
    expect(() => loadWatches(twice, 'watches.yaml')).toThrow(
      /every \(5s\) is shorter than a minute[^]*over \(90d\) is not from 1s to 31d[^]*there is another watch rates/,
    )
  })
})
