import { expect, test } from '@jest/globals'
import { redisSink } from '../../../src/sinks/index.ts'

const stream = { key: 'logs' }

function problemsOf(options: object): readonly string[] {
  try {
    redisSink({ name: 'redis', url: 'redis://127.0.0.1', streams: [stream], ...options })
    return []
  } catch (error) {
    return (error as { details: { problems: readonly string[] } }).details.problems
  }
}

test('options are refused all at once, and no address is shown that may hold a password', () => {
  const problems = problemsOf({
    url: ['redis://user:hunter2@host', 'http://hunter2'],
    username: 'somebody',
    tls: { cert: 'one' },
    streams: [{ key: '', entriesMax: 0, groups: [''] }, stream, stream, { key: 'x', entries: 4 }],
  })
  expect(problems.join('\n')).not.toContain('hunter2')
  expect(problems).toEqual([
    'url holds credentials: give username and password as separate options',
    'url is not an address of Redis: give redis://host:port, or rediss://host:port for TLS',
    'url names several servers: give one, or set cluster to true',
    'tls is given for redis://: give rediss:// addresses',
    'tls.cert and tls.key need each other: give both',
    'username needs a password: give password too',
    'streams[0].key is "": give a text that is not empty',
    'streams[0].entriesMax is 0: give an integer from 1 to 9007199254740991',
    'streams[0].groups[0] is "": give a text that is not empty',
    expect.stringContaining('streams[3].entries is not an option'),
    'streams names the key "logs" twice: give each stream a key of its own',
  ])
})

test.each([
  [{ url: 'rediss://host:6380/2', tls: { ca: 'authority' } }, []],
  [{ url: ['redis://a', 'redis://b'], cluster: true }, []],
  [{ url: 'redis://a/2', cluster: true }, ['url names a database, which a cluster does not have: leave the path out']],
  [{ url: 'redis://a/x' }, ['url has the path /x: give the number of a database, or none']],
  [{ streams: [] }, ["streams has to list 1 to 31 streams: give [{ key: 'logs:realtime' }]"]],
])('%j is judged', (options, problems) => {
  expect(problemsOf(options)).toEqual(problems)
})
