import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { benthosProgram, benthosVersion, isBuilt } from './built-peers.ts'
import { type LevelSteps, pinoLevels, severityLevels, statusLevels } from './level-steps.ts'
import type { Peer, SourceName } from './peer.ts'
import { timed } from './timed.ts'

const levels = (field: string, { steps, otherwise }: LevelSteps): string => {
  const branches = steps.map(([test, level]) => `if ${field} ${test} { "${level}" }`)
  return `root.level = ${branches.join(' else ')} else { "${otherwise}" }`
}

const mapping = (...statements: readonly string[]): object => ({ mapping: statements.join('\n') })

/** Its grok needs many times as long for the same fields. */
const nginxLine =
  '^(?P<client>\\S+) (?P<ident>\\S+) (?P<user>\\S+) \\[(?P<timestamp>[^\\]]+)\\] "(?P<method>\\S+) (?P<path>\\S+) HTTP/(?P<protocol>[^"]+)" ' +
  '(?P<status>\\d+) (?P<size>\\d+) "(?P<referrer>[^"]*)" "(?P<agent>[^"]*)"$'
const springLine =
  '^(?P<timestamp>\\S+)\\s+(?P<level>[A-Z]+) (?P<pid>\\d+) --- \\[(?P<application>[^\\]]*)\\] \\[\\s*(?P<thread>[^\\]]*)\\] ' +
  '(?P<logger>\\S+)\\s*: (?P<message>.*)$'
const sshdLine =
  '^(?P<timestamp>\\S+\\s+\\S+ \\S+) (?P<host>\\S+) (?P<program>[^\\[]+)\\[(?P<pid>\\d+)\\]: (?P<message>.*)$'

const processors: Readonly<Record<SourceName, readonly object[]>> = {
  nginx: [
    mapping(
      `root = content().string().re_find_object(${JSON.stringify(nginxLine)})`,
      'root.timestamp = root.timestamp.ts_strptime("%d/%b/%Y:%H:%M:%S %z")',
      'let status = root.status.number()',
      levels('$status', statusLevels),
    ),
  ],
  syslog: [
    { parse_log: { format: 'syslog_rfc5424' } },
    mapping('root = this', levels('this.severity', severityLevels)),
  ],
  pino: [
    mapping(
      'root = this',
      'root.timestamp = this.time',
      levels('this.level', pinoLevels),
      'root.message = this.msg',
      'root.msg = deleted()',
    ),
  ],
  spring: [
    mapping(
      `root = content().string().re_find_object(${JSON.stringify(springLine)})`,
      'root.timestamp = root.timestamp.ts_parse("2006-01-02T15:04:05.000Z07:00")',
      'root.level = root.level.lowercase()',
    ),
  ],
  sshd: [
    mapping(
      `root = content().string().re_find_object(${JSON.stringify(sshdLine)})`,
      'root.timestamp = (now().ts_format("2006 ") + root.timestamp).ts_parse("2006 Jan _2 15:04:05")',
      'root.level = "info"',
    ),
  ],
}

/** Benthos, with its file input, its processors and its file output. */
export const benthos: Peer = {
  name: 'Benthos',
  install: 'npm run bench -- log-parsers --build (needs Go)',
  version: () => (isBuilt(benthosProgram) ? benthosVersion : undefined),
  run({ source, input, output, folder }) {
    const configuration = {
      http: { enabled: false },
      logger: { level: 'WARN' },
      input: { file: { paths: [input], scanner: { lines: {} } } },
      pipeline: { processors: processors[source] },
      output: { file: { path: output, codec: 'lines' } },
    }
    const file = join(folder, 'benthos.yaml')
    writeFileSync(file, stringify(configuration))
    return timed(benthosProgram, ['run', file]).ended
  },
}
