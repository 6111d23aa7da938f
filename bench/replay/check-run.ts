import { type Admin, type KafkaDriver, openKafka, silentLogger, systemClock } from '../../src/index.ts'
import { Replays, type ReplayStatus, type Verification } from '../../src/replay/index.ts'
import { CheckChild } from './child.ts'
import { CountingAlerts, checkTopology } from './check-topology.ts'
import { cleanTopic, countsTopic, EventSender, eventsTopic, partitions, timeAt } from './events.ts'

const applicationId = 'replay-check'
const replayId = 'check'
const liveRecordsPerRound = 200
const timeoutMs = 300_000

export interface CheckOptions {
  readonly bootstrap: string
  /** Records before the replay begins. */
  readonly records: number
  readonly say: (line: string) => void
}

interface GroupView {
  readonly members: readonly string[]
  readonly lag: number
}

/** What the check found; everything that must hold is in `faults` where it does not. */
export interface CheckResult {
  readonly planned: number
  readonly replayMs: number
  readonly sentBeside: number
  readonly verification: Verification
  readonly notified: { readonly live: number; readonly replay: number }
  readonly faults: readonly string[]
}

/** Replays a range of what a live application has processed and goes on processing, with two kills on the way. */
export async function runReplayCheck({ bootstrap, records, say }: CheckOptions): Promise<CheckResult> {
  const kafka = openKafka({ bootstrap })
  const admin = kafka.admin()
  // The events are of last July.
  const configs = { 'retention.ms': '-1' }
  await admin.createTopics(
    [eventsTopic, cleanTopic, countsTopic].map((name) => ({ name, partitions, replicationFactor: 1, configs })),
    30_000,
  )
  const sender = new EventSender(kafka, records)
  await sender.prepare()
  const live = new CheckChild('live', bootstrap)
  const faults: string[] = []
  const expect = (holds: boolean, fault: string) => void (holds || faults.push(fault))
  const groups = new GroupWatch(kafka, admin)

  await sendPaced(sender, records, groups, say)
  say(`${records} records are sent, and the live application has processed them`)
  const before = await groups.view()
  const replays = await Replays.open(
    { applicationId, kafka: { bootstrap }, sinks: [new CountingAlerts()], logger: silentLogger },
    checkTopology,
  )
  const range = { fromMs: minuteOf(timeAt(1 / 6)), toMs: minuteOf(timeAt(5 / 6)) }
  const plan = await replays.plan({ id: replayId, ...range, throttle: { recordsPerSecond: records / 10 } })
  say(`planned: ${plan.estimate.records} offsets, ${plan.estimate.bytes} bytes, warm-up ${plan.warmUpMs} ms`)
  for (const warning of plan.warnings) say(`warning: ${warning}`)

  const load = new Load(sender)
  const startedMs = performance.now()
  const notified = await withKills(replays, bootstrap, say)
  const replayMs = performance.now() - startedMs
  await load.stop()
  say(`the replay is done; ${load.sent} records were sent beside it`)
  await groups.drained()
  const after = await groups.view()
  expect(
    before.members.join() === after.members.join(),
    `the live group's members changed: ${before.members.join()} to ${after.members.join()}`,
  )
  expect(after.lag === 0, `the live group is behind by ${after.lag}`)

  const verification = await replays.verify(replayId)
  expect(verification.isEqual, 'what the replay wrote differs from what the live application wrote')
  await replays.cutOver(replayId)
  expect((await replays.currentTopic(cleanTopic)) === `${cleanTopic}-replay-${replayId}`, 'the cut-over has no effect')
  await replays.revert(replayId)
  expect((await replays.currentTopic(cleanTopic)) === cleanTopic, 'the cut-over is not taken back')
  await replays.close()
  const liveEnd = await live.stop<{ notified: number }>()
  expect(notified === 0, `the replay notified ${notified} times`)
  expect(liveEnd.notified > 0, 'the live application did not notify of any error')
  await sender.close()
  await admin.close()
  await kafka.close()
  return {
    planned: plan.estimate.records,
    replayMs,
    sentBeside: load.sent,
    verification,
    notified: { live: liveEnd.notified, replay: notified },
    faults,
  }
}

/** In order of time the live application has at most so many records to read: as if each came when it happened. */
async function sendPaced(sender: EventSender, records: number, groups: GroupWatch, say: (line: string) => void) {
  // Two minutes of event time: windows take records for a quarter of an hour.
  const chunk = records / 200
  for (let tenth = 1; sender.sent < records; ) {
    await sender.send(Math.min(chunk, records - sender.sent))
    while ((await groups.view()).lag > chunk) await systemClock.sleep(50)
    if (sender.sent < (records * tenth) / 10) continue
    say(`${sender.sent} records are sent`)
    tenth++
  }
  await groups.drained()
}

/** Works on the replay until it is done, and kills the process two times. Returns how often it notified. */
async function withKills(replays: Replays, bootstrap: string, say: (line: string) => void): Promise<number> {
  for (const share of [0.2, 0.6]) {
    const child = new CheckChild('replay', bootstrap, replayId)
    const { done, total } = await until(replays, ({ done, total }) => done >= total * share)
    await child.kill()
    say(`killed -9 at ${done} of ${total} offsets`)
  }
  const last = new CheckChild('replay', bootstrap, replayId)
  const { notified } = await last.result<{ notified: number }>()
  return notified
}

async function until(replays: Replays, holds: (status: ReplayStatus) => boolean): Promise<ReplayStatus> {
  for (const endMs = performance.now() + timeoutMs; ; ) {
    const status = await replays.status(replayId)
    if (holds(status)) return status
    if (performance.now() > endMs) throw new Error(`not reached in ${timeoutMs} ms: ${JSON.stringify(status)}`)
    await systemClock.sleep(50)
  }
}

/** Sends records all the time, as producers do that know nothing of a replay. */
class Load {
  readonly #sender: EventSender
  readonly #sentBefore: number
  readonly #running: Promise<void>
  #isStopped = false

  constructor(sender: EventSender) {
    this.#sender = sender
    this.#sentBefore = sender.sent
    this.#running = this.#run()
  }

  get sent(): number {
    return this.#sender.sent - this.#sentBefore
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      await this.#sender.send(liveRecordsPerRound)
      await systemClock.sleep(100)
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#running
  }
}

/** The live group, as anybody may see it. */
class GroupWatch {
  readonly #admin: Admin
  readonly #consumer: ReturnType<KafkaDriver['consumer']>

  constructor(kafka: KafkaDriver, admin: Admin) {
    this.#admin = admin
    this.#consumer = kafka.consumer({
      clientId: 'check-watch',
      isolationLevel: 'read_committed',
      offsetReset: () => 'earliest',
      fetchMinBytes: 1,
      fetchMaxBytes: 1024,
      partitionFetchMaxBytes: 1024,
      fetchMaxWaitMs: 100,
      bufferedBytesMax: 1024,
    })
  }

  async view(): Promise<GroupView> {
    const places = Array.from({ length: partitions }, (_, partition) => ({ topic: eventsTopic, partition }))
    const committed = await this.#consumer.committed(applicationId, places)
    const ends = await this.#admin.listOffsets(
      places.map((place) => ({ ...place, at: 'latest' as const })),
      'read_committed',
    )
    const lag = ends.reduce((sum, { partition, offset }) => {
      return sum + offset - (committed.find((one) => one.partition === partition)?.offset ?? 0)
    }, 0)
    const { members } = await this.#admin.describeGroup(applicationId).catch(() => ({ members: [] }))
    return { members: members.map(({ memberId }) => memberId).sort(), lag }
  }

  async drained(): Promise<void> {
    for (const endMs = performance.now() + timeoutMs; (await this.view()).lag > 0; ) {
      if (performance.now() > endMs) throw new Error(`the live application is behind after ${timeoutMs} ms`)
      await systemClock.sleep(100)
    }
  }
}

function minuteOf(timeMs: number): number {
  return timeMs - (timeMs % 60_000)
}
