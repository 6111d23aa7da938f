import { defaultGeneratorOptions, generateLogs } from '../../fleet/generator/log-generator.ts'
import { inputTopics } from '../../fleet/topics.ts'
import { type FleetLab, startFleetLab } from './fleet-lab.ts'
import type { WitnessMessage } from './kafka-witness.ts'
import { readBack } from './read-back.ts'
import { report } from './report.ts'

const chunk = 5000
const ratePerSecond = 20_000
const awayMs = 20_000
const settleTimeoutMs = 40 * 60_000

/** Seeded logs through the fleet while a process a kind is killed and the search server fails. Resolves with whether it adds up. */
export async function runRecords(count: number, seed: number, say: (line: string) => void): Promise<boolean> {
  const lab = await startFleetLab(say)
  let isOk = false
  try {
    await Promise.all([disturb(lab, count, say), produce(lab, count, seed, say)])
    await lab.settled(settleTimeoutMs)
    const codes = await lab.stopWorkers()
    say(`workers drained with exit codes ${codes.join(' ')}`)
    const { refused, cut } = lab.searchFaults
    say(`the search server answered 429 to ${refused} bulks and cut ${cut} requests while it was away`)
    const accounts = await readBack(
      lab,
      inputTopics.map((topic) => topic.name),
      eventIdOf,
    )
    const { lines, ok } = report(accounts)
    for (const line of lines) say(line)
    const total = accounts.reduce((sum, one) => sum + one.input, 0)
    if (total !== count) say(`sent ${count} records, read back ${total}`)
    isOk = ok && total === count && codes.every((code) => code === 0)
    return isOk
  } finally {
    await lab.close(!isOk)
  }
}

async function produce(lab: FleetLab, count: number, seed: number, say: (line: string) => void): Promise<void> {
  const startMs = Date.now() - Math.floor((count * 1000) / ratePerSecond)
  const logs = generateLogs({ ...defaultGeneratorOptions, seed, ratePerSecond, startMs })
  for (let sent = 0; sent < count; ) {
    const byTopic = new Map<string, WitnessMessage[]>()
    for (let size = 0; size < chunk && sent < count; size++, sent++) {
      const { topic, key, value, timestampMs } = logs.next().value
      const messages = byTopic.get(topic) ?? []
      messages.push({ key, value: Buffer.from(value), timestamp: String(timestampMs) })
      byTopic.set(topic, messages)
    }
    await Promise.all([...byTopic].map(([topic, messages]) => lab.kafka.send(topic, messages)))
  }
  say(`${count} records sent`)
}

/** A quarter of the way the search server is busy; half way one process a kind dies; then the server goes away. */
async function disturb(lab: FleetLab, count: number, say: (line: string) => void): Promise<void> {
  await progress(lab, count * 0.25)
  say('the search server answers 429 to every third bulk')
  lab.searchFaults.beBusy()
  await progress(lab, count * 0.5)
  lab.searchFaults.beWell()
  const victims = lab.workers.filter((worker) => worker.name.endsWith('-1'))
  say(`kill -9: ${victims.map((worker) => worker.name).join(', ')}`)
  await Promise.all(victims.map((worker) => worker.kill()))
  for (const victim of victims) victim.start()
  await progress(lab, count * 0.6)
  say(`the search server goes away for ${awayMs / 1000} s`)
  lab.searchFaults.goAway()
  await new Promise((resolve) => setTimeout(resolve, awayMs))
  lab.searchFaults.beWell()
}

/** Resolves when so many input records are committed. */
async function progress(lab: FleetLab, wanted: number): Promise<void> {
  for (const deadlineMs = Date.now() + settleTimeoutMs; ; ) {
    const sent = await Promise.all(inputTopics.map((topic) => lab.kafka.admin.fetchTopicOffsets(topic.name)))
    const total = sent.flat().reduce((sum, { high }) => sum + Number(high), 0)
    if (total - (await lab.lag()) >= wanted) return
    if (Date.now() > deadlineMs) throw new Error(`fewer than ${wanted} records are committed after the time to settle`)
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

function eventIdOf(value: Buffer | null): string | undefined {
  try {
    return (JSON.parse(String(value)) as { eventId?: string }).eventId
  } catch {
    return undefined
  }
}
