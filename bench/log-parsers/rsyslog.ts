import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { countNewlines } from './checked-output.ts'
import { type LevelSteps, pinoLevels, severityLevels, statusLevels } from './level-steps.ts'
import type { Cost, Job, Peer, SourceName } from './peer.ts'
import { timed } from './timed.ts'

interface Parsing {
  /** A rule of mmnormalize; without one, the line is JSON. */
  readonly rule?: string
  /** Level, and what else has to be set. */
  readonly script: string
}

const levelOfNumber = (number: string, { steps, otherwise }: LevelSteps): string => {
  const branches = steps.map(([test, level]) => `if ${number} ${test} then { set $!level = "${level}"; }`)
  return `${branches.join(' else ')} else { set $!level = "${otherwise}"; }`
}

const parsings: Readonly<Record<SourceName, Parsing>> = {
  nginx: {
    rule:
      '%client:word% %ident:word% %user:word% [%timestamp:char-to:]%] "%method:word% %path:word% HTTP/%protocol:char-to:"%" ' +
      '%status:number% %size:number% "%referrer:char-to:"%" "%agent:char-to:"%"',
    script: levelOfNumber('$!status', statusLevels),
  },
  syslog: {
    rule:
      '<%priority:number%>%version:number% %timestamp:date-rfc5424% %host:word% %program:word% %pid:word% ' +
      '%messageId:word% [%data:char-to:]%] %message:rest%',
    script: `set $.severity = $!priority % 8; ${levelOfNumber('$.severity', severityLevels)}`,
  },
  pino: {
    script: 'set $!timestamp = $!time; set $!message = $!msg; unset $!msg; ' + levelOfNumber('$!level', pinoLevels),
  },
  spring: {
    rule:
      '%timestamp:date-rfc5424%%-:whitespace%%level:word% %pid:number% --- [%application:char-to:]%] ' +
      '[%thread:char-to:]%] %logger:word%%-:whitespace%: %message:rest%',
    script: 'set $!level = tolower($!level);',
  },
  sshd: {
    rule: '%timestamp:date-rfc3164% %host:word% %program:char-to:[%[%pid:number%]: %message:rest%',
    script: 'set $!timestamp = parse_time($!timestamp); set $!level = "info";',
  },
}

const pollMs = 20
const timeoutMs = 600_000

/** rsyslogd with imfile, mmnormalize or mmjsonparse, and omfile. It follows its input, so it is stopped after the last line. */
export const rsyslog: Peer = {
  name: 'rsyslog, mmnormalize',
  install: 'apt-get install rsyslog, and on distributions that have it apart rsyslog-mmnormalize',
  version: () => /rsyslogd\s+(\S+)/.exec(spawnSync('rsyslogd', ['-v']).stdout?.toString() ?? '')?.[1],
  async run(job) {
    const [configuration, pidFile] = [join(job.folder, 'rsyslog.conf'), join(job.folder, 'rsyslog.pid')]
    writeFileSync(configuration, configurationOf(job))
    const startedMs = performance.now()
    const { ended } = timed('rsyslogd', ['-n', '-f', configuration, '-i', pidFile])
    const secondsUntilLast = Promise.race([
      lastLine(job, startedMs),
      ended.then(() => Promise.reject(new Error('ended'))),
    ])
    try {
      const seconds = await secondsUntilLast
      stop(pidFile)
      return { seconds, cpuSeconds: (await ended).cpuSeconds } satisfies Cost
    } finally {
      stop(pidFile)
    }
  },
}

function stop(pidFile: string): void {
  if (existsSync(pidFile)) process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGTERM')
}

function configurationOf({ source, input, output, folder }: Job): string {
  const { rule, script } = parsings[source]
  const ruleFile = join(folder, 'lines.rulebase')
  if (rule !== undefined) writeFileSync(ruleFile, `version=2\nrule=:${rule}\n`)
  return [
    `global(workDirectory="${folder}" maxMessageSize="64k")`,
    'module(load="imfile")',
    'module(load="mmnormalize")',
    'module(load="mmjsonparse")',
    'template(name="document" type="list") { property(name="$!all-json") constant(value="\\n") }',
    `input(type="imfile" file="${input}" tag="bench" freshStartTail="off" addMetadata="off" ruleset="bench")`,
    'ruleset(name="bench") {',
    rule === undefined ? 'action(type="mmjsonparse" cookie="")' : `action(type="mmnormalize" rulebase="${ruleFile}")`,
    script,
    `action(type="omfile" file="${output}" template="document")`,
    '}\n',
  ].join('\n')
}

/** Resolves to the seconds until the output had all lines. */
async function lastLine({ output, lines }: Job, startedMs: number): Promise<number> {
  const chunk = Buffer.alloc(1024 * 1024)
  while (!existsSync(output)) await sleep(pollMs)
  const descriptor = openSync(output, 'r')
  try {
    for (let found = 0; found < lines; ) {
      const length = readSync(descriptor, chunk)
      found += countNewlines(chunk.subarray(0, length))
      if (length === 0) await sleep(pollMs)
      if (performance.now() - startedMs > timeoutMs) throw new Error(`rsyslog wrote ${found} documents of ${lines}`)
    }
    return (performance.now() - startedMs) / 1000
  } finally {
    closeSync(descriptor)
  }
}
