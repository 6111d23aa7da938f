import { afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { type AlertChange, loadWatches, type ModelWatch } from '../../../../src/alerts/index.ts'
import type { TrainedModel, TrainingOrder } from '../../../../src/detection/index.ts'
import { bytes, json, keyValueStore, silentLogger, string, windowStore } from '../../../../src/index.ts'
import { MockProcessorContext } from '../../../../src/testing/index.ts'
import { type WatchOutput, WatchProcessor } from '../../../../topologies/alerting/watch-processor.ts'
import { usualVector } from '../../detection/catalog/models.ts'
import { WatchOwners, type WatchTopics } from './watch-owners.ts'

const startMs = Date.UTC(2026, 10, 30)
const minuteMs = 60_000
/** So many minutes are there when the first owner begins; then time passes. */
const backlog = 300
const minutes = 480
// Models that have learned from fewer than 288 records raise nothing.
const watches = loadWatches(
  `watches:
  - name: rates
    topic: rates
    patience: 3
    cooldown: 10
    train: { kind: pca, features: [total, errors, durationP95Ms], every: 1h, over: 5h, least: 290 }
    keys:
      bank: { train: { kind: forest, features: [total, errors], every: 50m, over: 8h, least: 310, options: { trees: 10 } } }
      desk:
        patience: 1
        train:
          { kind: autoencoder, features: [total, errors], every: 1h, over: 6h, least: 295, options: { steps: 4, hidden: 4, epochs: 2 } }
`,
  'watches.yaml',
)
const keys = ['shop', 'bank', 'desk']
/** From minute, to minute, how many times as large the numbers are. */
const incidents: Readonly<Record<string, readonly (readonly [number, number, number])[]>> = {
  shop: [
    [345, 350, 4],
    [380, 384, 3],
    [420, 424, 3],
    [450, 456, 3],
  ],
  bank: [[370, 375, 5]],
  desk: [
    [360, 366, 4],
    [410, 416, 4],
  ],
}
/** The bank has no records in these minutes, from the middle of its incident on. */
const silent = { from: 373, to: 445 }

const started: WatchOwners[] = []
afterEach(async () => {
  await Promise.all(started.splice(0).map((owners) => owners.close()))
})

function start(atMs: number, topics?: WatchTopics): WatchOwners {
  const owners = new WatchOwners(watches, atMs, topics)
  started.push(owners)
  return owners
}

/** The records of a minute. */
function records(owners: WatchOwners, minute: number): void {
  for (const key of keys) {
    if (key === 'bank' && minute >= silent.from && minute < silent.to) continue
    const scale = incidents[key]?.find(([from, to]) => minute >= from && minute < to)?.[2] ?? 1
    const [total, errors, durationP95Ms] = usualVector(minute, scale)
    const at = startMs + minute * minuteMs
    owners.record('rates', key, { startMs: at, total, errors, durationP95Ms }, at)
  }
}

/** Says after each half of a minute whether and how the owner is replaced. */
type Cut = (half: number, owners: WatchOwners) => 'restart' | 'move' | undefined

const shopAlert = 'rates{service="shop"}'

/** What comes of the minutes as they pass. Records come when their minute is over. */
async function play(cut: Cut): Promise<WatchOwners> {
  const owners = start(startMs + backlog * minuteMs)
  for (let minute = 0; minute < backlog; minute++) records(owners, minute)
  for (let half = 2 * backlog + 1; half <= 2 * minutes; half++) {
    await owners.wait(minuteMs / 2)
    if (half % 2 === 0) records(owners, half / 2 - 1)
    if (half === 2 * 390) for (let count = 0; count < 3; count++) owners.label(shopAlert, false)
    if (half === 2 * 435) for (let count = 0; count < 8; count++) owners.label(shopAlert, true)
    if (half === 2 * 424) owners.rollBack('rates/desk')
    const how = cut(half, owners)
    if (how !== undefined) await owners[how]()
  }
  return owners
}

/** The changes of each key: which key is first says nothing. */
function changesOf({ changes }: WatchOwners): Readonly<Record<string, readonly AlertChange[]>> {
  return Object.fromEntries(keys.map((key) => [key, changes.filter(({ group }) => group['service'] === key)]))
}

/** All records are read again, without time between them. */
function replayed({ topics }: WatchOwners): WatchOwners {
  const owners = start(startMs + 2 * minutes * minuteMs, topics)
  for (let minute = 0; minute < minutes; minute++) records(owners, minute)
  return owners
}

describe('records that models judge, and models that are trained from them', () => {
  /** What one owner does without a break. */
  let whole: WatchOwners
  beforeAll(async () => {
    whole = await play(() => undefined)
  })

  test('change alerts by training, labels, a rollback and silence in these tests', () => {
    const summaries = whole.changes.map(({ summary }) => summary).join('\n')
    for (const what of ['by labels', 'no records since', 'model rates version 1', 'model rates version 3'])
      expect(summaries).toContain(what)
    for (const key of keys) {
      expect(changesOf(whole)[key]).toContainEqual(expect.objectContaining({ status: 'firing' }))
      expect(whole.published.filter((one) => one.key === key).length).toBeGreaterThanOrEqual(3)
    }
  })

  test.each<readonly [string, Cut]>([
    ['restart before a pattern is complete', (half) => (half === 2 * 346 ? 'restart' : undefined)],
    ['restart while an alert fires', (half) => (half === 2 * 348 + 1 ? 'restart' : undefined)],
    ['restart in the cool-down', (half) => (half === 2 * 353 ? 'restart' : undefined)],
    ['restart while a key is silent', (half) => (half === 2 * 400 + 1 ? 'restart' : undefined)],
    ['restart after a rollback', (half) => (half === 2 * 424 ? 'restart' : undefined)],
    ['restart every few minutes', (half, { isTraining }) => (half % 7 === 0 && !isTraining ? 'restart' : undefined)],
    ['move every few minutes', (half, { isTraining }) => (half % 11 === 0 && !isTraining ? 'move' : undefined)],
  ])('are the same with a %s', async (_, cut) => {
    const owners = await play(cut)
    expect(changesOf(owners)).toEqual(changesOf(whole))
    expect(owners.published).toEqual(whole.published)
  })

  test('are the same in a replay, in which all labels and versions are read first', () => {
    expect(changesOf(replayed(whole))).toEqual(changesOf(whole))
  })

  test('keep their versions in a replay, and get one that has learned from all records', async () => {
    const replay = replayed(whole)
    for (let second = 0; second < 4; second++) await replay.wait(1000)
    const before = new Map(whole.published.map((history) => [history.key, history]))
    expect(replay.published.map(({ key }) => key).sort()).toEqual([...keys].sort())
    for (const { key, versions } of replay.published) {
      expect(versions.slice(0, -1)).toEqual(before.get(key)?.versions)
      expect(versions.at(-1)?.untilMs).toBe(startMs + (minutes - 1) * minuteMs)
    }
  })

  test('do not wait for the next period where a training was cut off', async () => {
    let isCut = false
    const owners = await play((_, { trainings, isTraining }) => {
      if (isCut || !isTraining || trainings.at(-1) !== 310) return undefined
      isCut = true
      return 'move'
    })
    const [bank] = owners.published.filter(({ key }) => key === 'bank')
    expect(isCut).toBe(true)
    expect(bank?.uses[0]?.fromMs).toBeLessThan(startMs + 315 * minuteMs)
  })
})

describe('a training', () => {
  const [watch] = watches as readonly [ModelWatch]
  const names = { states: 'states', models: 'models', labels: undefined, training: { rows: 'rows', states: 'due' } }
  const text = { key: string(), value: json<object>() }

  function unread(): { readonly orders: TrainingOrder[]; readonly look: (atMs: number, isCaughtUp: boolean) => void } {
    const orders: TrainingOrder[] = []
    const train = (order: TrainingOrder): Promise<TrainedModel> => {
      orders.push(order)
      return new Promise(() => {})
    }
    const context = new MockProcessorContext<string, WatchOutput>({
      stores: [
        ...['states', 'models', 'due'].map((name) => keyValueStore({ name, ...text })),
        windowStore({ name: 'rows', key: string(), value: bytes(), windowSizeMs: 1, retentionMs: 86_400_000 }),
      ],
    })
    context.systemTimeMs = startMs + 310 * minuteMs
    const processor = new WatchProcessor(watch, names, train, silentLogger)
    processor.init(context)
    for (let minute = 0; minute < 300; minute++) {
      const timestamp = startMs + minute * minuteMs
      processor.process({ key: 'shop', value: { total: minute, errors: 1 }, timestamp, headers: [] })
    }
    const look = (atMs: number, isCaughtUp: boolean): void => {
      context.caughtUp = isCaughtUp
      for (const { intervalMs, punctuate } of context.punctuations) if (intervalMs === 1000) punctuate(atMs)
    }
    return { orders, look }
  }

  test('does not begin before the records that are there have been read', () => {
    const { orders, look } = unread()
    look(startMs + 311 * minuteMs, false)
    expect(orders).toEqual([])
    look(startMs + 312 * minuteMs, true)
    expect(orders).toHaveLength(1)
  })

  test('begins after an hour where there are always more', () => {
    const { orders, look } = unread()
    look(startMs + 371 * minuteMs, false)
    expect(orders).toHaveLength(1)
  })
})
