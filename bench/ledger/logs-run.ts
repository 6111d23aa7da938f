import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { topics } from '../../fleet/topics.ts'
import { type FleetLab, startFleetLab } from './fleet-lab.ts'
import { parsedShares } from './parsed-shares.ts'
import { readBack } from './read-back.ts'
import { report } from './report.ts'

const chunk = 5000
const settleTimeoutMs = 10 * 60_000
const shareMin = 0.95
const againAfterMs = 60_000

export interface LogsRun {
  readonly folder: string
  /** Nearly all times and levels have to be read, and failed logins make alerts. */
  readonly isLogHub: boolean
  /** All lines are sent a second time, and are dropped then by their content. */
  readonly isSentAgain: boolean
}

/** Every line of every `*.log` file below a folder as plain text through the fleet. Resolves with whether it adds up. */
export async function runLogs(
  { folder, isLogHub, isSentAgain }: LogsRun,
  say: (line: string) => void,
): Promise<boolean> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.log'))
  if (files.length === 0) throw new Error(`there is no *.log file in ${folder}`)
  const lab = await startFleetLab(say, { byContent: isSentAgain })
  let isOk = false
  try {
    const sentMs = Date.now()
    if (isSentAgain) await send(lab, folder, files, sentMs - againAfterMs)
    const { lines: sent, ended } = await send(lab, folder, files, sentMs)
    say(`${files.length} files, ${sent} lines sent (${ended} line ends: a last line without one counts too)`)
    await lab.settled(settleTimeoutMs)
    const codes = await lab.stopWorkers()
    // Lines have no event id: none of them may be dropped as a duplicate, but where they are sent again.
    const accounts = await readBack(lab, [topics.application.name], () => undefined)
    const { lines, ok } = report(accounts)
    for (const line of lines) say(line)
    const shares = await parsedShares(lab)
    for (const line of shares.lines) say(line)
    const alerts = await bruteForceAlerts(lab, say)
    const hasLogins = files.some((file) => /openssh/i.test(file))
    const accounted = accounts.reduce((sum, one) => sum + one.input - one.missing.length, 0)
    const expected = isSentAgain ? 2 * sent : sent
    say(`${expected} lines in, ${accounted} accounted for`)
    isOk =
      ok &&
      accounted === expected &&
      codes.every((code) => code === 0) &&
      (!isLogHub || (shares.least >= shareMin && (!hasLogins || alerts > 0)))
    return isOk
  } finally {
    await lab.close(!isOk)
  }
}

/** All lines of the files, as if Kafka received them at that time. */
async function send(
  lab: FleetLab,
  folder: string,
  files: readonly string[],
  receivedMs: number,
): Promise<{ readonly lines: number; readonly ended: number }> {
  let [sent, ended] = [0, 0]
  for (const file of files) {
    const text = readFileSync(join(folder, file), 'latin1')
    const lines = linesOf(Buffer.from(text, 'latin1'))
    ended += text.split('\n').length - 1
    for (let from = 0; from < lines.length; from += chunk) {
      const values = lines.slice(from, from + chunk)
      const messages = values.map((value) => ({ key: file, value, timestamp: String(receivedMs) }))
      await lab.kafka.send(topics.application.name, messages)
    }
    sent += lines.length
  }
  return { lines: sent, ended }
}

/** Lines as bytes, whatever their encoding; a carriage return before the line end stays out. */
function linesOf(bytes: Buffer): readonly Buffer[] {
  const lines: Buffer[] = []
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(0x0a, from)
    const to = end === -1 ? bytes.length : end
    lines.push(bytes.subarray(from, bytes[to - 1] === 0x0d ? to - 1 : to))
    from = to + 1
  }
  return lines
}

async function bruteForceAlerts(lab: FleetLab, say: (line: string) => void): Promise<number> {
  let count = 0
  await lab.kafka.readAll(topics.alerts.name, (_, { value }) => {
    const alert = JSON.parse(String(value)) as { rule: string; summary: string }
    if (alert.rule !== 'brute-force') return
    count++
    say(`alert: ${alert.summary}`)
  })
  return count
}
