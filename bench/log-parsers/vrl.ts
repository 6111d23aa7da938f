import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isBuilt, vrlProgram, vrlVersion } from './built-peers.ts'
import { type LevelSteps, pinoLevels, statusLevels } from './level-steps.ts'
import type { Peer, SourceName } from './peer.ts'
import { timed } from './timed.ts'

const levels = (value: string, { steps, otherwise }: LevelSteps): string => {
  const branches = steps.map(([test, level]) => `if level ${test} { "${level}" }`)
  return `level = ${value}\n.level = ${branches.join(' else ')} else { "${otherwise}" }`
}

const severities = {
  emerg: 'critical',
  alert: 'critical',
  crit: 'critical',
  err: 'error',
  warning: 'warn',
  debug: 'debug',
}
const springLine =
  "r'^(?P<timestamp>\\S+)\\s+(?P<level>[A-Z]+) (?P<pid>\\d+) --- \\[(?P<application>[^\\]]*)\\] \\[\\s*(?P<thread>[^\\]]*)\\] (?P<logger>\\S+)\\s*: (?P<message>.*)$'"

const programs: Readonly<Record<SourceName, string>> = {
  nginx: `. = parse_nginx_log!(.message, "combined")
${levels('to_int!(.status)', statusLevels)}`,
  syslog: `. = parse_syslog!(.message)
.level = get(${JSON.stringify(severities)}, [.severity]) ?? null
if .level == null { .level = "info" }`,
  pino: `. = parse_json!(.message)
.timestamp = .time
${levels('to_int!(.level)', pinoLevels)}
.message = del(.msg)`,
  spring: `. = parse_regex!(.message, ${springLine})
.timestamp = parse_timestamp!(.timestamp, "%+")
.level = downcase!(.level)`,
  sshd: `. = parse_syslog!(.message)
.level = "info"`,
}

/** Vector's remap language, on one thread of a small program around its library: not Vector, which cannot be had as one. */
export const vrl: Peer = {
  name: 'VRL of Vector',
  install: 'npm run bench -- log-parsers --build (needs Rust; builds for about ten minutes)',
  version: () => (isBuilt(vrlProgram) ? vrlVersion : undefined),
  run({ source, input, output, folder }) {
    const file = join(folder, 'program.vrl')
    writeFileSync(file, programs[source])
    return timed(vrlProgram, [file, input, output]).ended
  },
}
