import { describe, expect, test } from '@jest/globals'
import { elasticsearchSink } from '../../../src/sinks/elasticsearch/elasticsearch-sink.ts'
import { filesSink } from '../../../src/sinks/files/files-sink.ts'
import { splunkHecSink } from '../../../src/sinks/splunk-hec/splunk-hec-sink.ts'

function problemsOf(make: () => unknown): unknown {
  try {
    make()
  } catch (error) {
    const { code, details } = error as { code: string; details: { problems: readonly string[] } }
    return [code, [...details.problems]]
  }
  return 'nothing'
}

describe('the options of a sink', () => {
  test.each<[string, () => unknown, readonly string[]]>([
    [
      'elasticsearch',
      () =>
        elasticsearchSink({ name: 's', node: 'http://x', index: 'i', docId: () => 'a', setup: { shard: 1 } } as never),
      ['docId is not an option', 'setup.shard is not an option: did you mean shards?'],
    ],
    [
      'splunk',
      () => splunkHecSink({ name: 's', url: 'http://x', token: 't', sourcetyp: 'a', batch: { maxRecord: 1 } } as never),
      [
        'sourcetyp is not an option: did you mean sourcetype?',
        'batch.maxRecord is not an option: did you mean maxRecords?',
      ],
    ],
    [
      'files',
      () => filesSink({ name: 's', directory: '/tmp', file: 'f', sufix: 'x' } as never),
      ['sufix is not an option: did you mean suffix?'],
    ],
  ])('%s: one that is misspelt is refused with what was probably meant', (_, make, problems) => {
    expect(problemsOf(make)).toEqual(['INVALID_SETTINGS', problems])
  })

  test('elasticsearch: all wrong options are reported together', () => {
    const options = {
      name: '',
      node: ['ftp://x', 'http://user:hunter2@host:9200'],
      index: 'Logs-YYYY',
      apiKey: 'k3y',
      username: 'u',
      inFlight: 0,
      batch: { maxAgeMs: 60_000, maxRecords: 1.5 },
      setup: { shards: 0 },
    }
    expect(problemsOf(() => elasticsearchSink(options))).toEqual([
      'INVALID_SETTINGS',
      [
        'name is "": give a text that is not empty',
        'batch.maxRecords is 1.5: give an integer from 1 to 100000',
        'inFlight is 0: give an integer from 1 to 64',
        'batch.maxAgeMs is 60000: give at most 30000',
        'node is "ftp://x": give an http or https address',
        'node holds credentials: give them as separate options',
        'apiKey is given together with username or password: give only one of them',
        'index is "Logs-YYYY": give lower-case letters, digits, dots and dashes, with YYYY, MM and DD for the day',
        'setup.shards is 0: give an integer from 1 to 1024',
      ],
    ])
  })

  test('elasticsearch: a function for the index needs patterns for the template', () => {
    expect(problemsOf(() => elasticsearchSink({ name: 'e', node: 'http://h', index: () => 'x', setup: {} }))).toEqual([
      'INVALID_SETTINGS',
      ['setup.patterns is missing: give it when index is a function'],
    ])
  })

  test('splunk: all wrong options are reported together, without the token', () => {
    expect(problemsOf(() => splunkHecSink({ name: 's', url: [], token: '', source: '', requestTimeoutMs: 5 }))).toEqual(
      [
        'INVALID_SETTINGS',
        [
          'requestTimeoutMs is 5: give an integer from 100 to 600000',
          'url is empty: give at least one http or https address',
          'token is missing or empty',
          'source is "": give a text that is not empty',
        ],
      ],
    )
  })

  test('files: all wrong options are reported together', () => {
    expect(problemsOf(() => filesSink({ name: 'f', directory: '', file: '', inFlight: 0 }))).toEqual([
      'INVALID_SETTINGS',
      [
        'inFlight is 0: give an integer from 1 to 64',
        'directory is "": give a text that is not empty',
        'file is "": give a text that is not empty',
      ],
    ])
  })

  test.each(['fastmcp-logs-YYYY.MM.DD', 'plain', 'a_b+c-YYYY'])('%s is a good index', (index) => {
    expect(problemsOf(() => elasticsearchSink({ name: 'e', node: 'http://h:9200', index }))).toBe('nothing')
  })
})
