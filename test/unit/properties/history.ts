import { seededRandom } from '../../../src/testing/simulator.ts'

/** One input record. Keys and values are texts, absent ones null. */
export interface Event {
  readonly topic: string
  readonly key: string | null
  readonly value: string | null
  readonly timestamp: number
}

/** Draws from a seed. */
export class Draw {
  readonly #random: () => number

  constructor(seed: number) {
    this.#random = seededRandom(seed)
  }

  /** 0 to below - 1. */
  pick(below: number): number {
    return Math.floor(this.#random() * below)
  }

  chance(probability: number): boolean {
    return this.#random() < probability
  }

  one<T>(choices: readonly T[]): T {
    return choices[this.pick(choices.length)] as T
  }
}

export interface HistoryShape {
  readonly topics: readonly string[]
  readonly keys: readonly string[]
  /** The value of the n-th record; null chances come on top. */
  readonly value: (draw: Draw, index: number) => string
  readonly nullValues: number
  /** How far time goes on from record to record at most, and how late one may be. */
  readonly stepMs: number
  readonly lateMs: number
}

/** 5 to 40 records: time goes on, jumps now and then, and some records are late. */
export function drawHistory(draw: Draw, shape: HistoryShape): readonly Event[] {
  let nowMs = draw.pick(20)
  return Array.from({ length: 5 + draw.pick(36) }, (_, index) => {
    nowMs += draw.chance(0.05) ? draw.pick(10 * shape.stepMs) : draw.pick(shape.stepMs)
    const lateMs = draw.chance(0.4) ? draw.pick(shape.lateMs) : 0
    return {
      topic: draw.one(shape.topics),
      key: draw.chance(0.03) ? null : draw.one(shape.keys),
      value: draw.chance(shape.nullValues) ? null : shape.value(draw, index),
      timestamp: Math.max(0, nowMs - lateMs),
    }
  })
}

/** The rules, without an engine. */
export interface Model {
  /** What one record leads to. */
  take(event: Event): readonly string[]
  /** The operators' stream time is lost with a task, as in Java; absent where there is none. */
  forgetTime?(): void
  /** What else is lost with a task, as in Java. */
  restart?(): void
}

/** What came out of each step, as text. */
export type Outputs = readonly (readonly string[])[]

/** How many histories a property tries: a short form, of which `PROPERTY_HISTORIES=10000` is the long one. */
export const historyCount = Number(process.env['PROPERTY_HISTORIES'] ?? 1000)

export interface Property<Config> {
  readonly configs: readonly Config[]
  readonly shape: HistoryShape | ((config: Config) => HistoryShape)
  /** The engine: each step's outputs. */
  readonly play: (config: Config) => (events: readonly Event[]) => Outputs
  readonly model: (config: Config) => Model
  readonly histories?: number
}

/** Throws for the first seed whose outputs differ from the model's, with the shortest prefix that fails. */
export function checkHistories<Config>(property: Property<Config>): void {
  const plays = property.configs.map((config) => property.play(config))
  const first = Number(process.env['PROPERTY_SEED'] ?? 1)
  for (let seed = first; seed < first + (property.histories ?? historyCount); seed++) {
    const draw = new Draw(seed)
    const which = draw.pick(property.configs.length)
    const config = property.configs[which] as Config
    const shape = typeof property.shape === 'function' ? property.shape(config) : property.shape
    const events = drawHistory(draw, shape)
    const play = plays[which] as (events: readonly Event[]) => Outputs
    const step = firstDifference(events, play(events), property.model(config))
    if (step !== undefined) throw new Error(describeFailure(seed, config, events.slice(0, step + 1), play, property))
  }
}

function firstDifference(events: readonly Event[], outputs: Outputs, model: Model): number | undefined {
  const step = events.findIndex((event, index) => !sameTexts(outputs[index] ?? [], model.take(event)))
  return step < 0 ? undefined : step
}

export function sameTexts(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((text, index) => text === right[index])
}

function describeFailure<Config>(
  seed: number,
  config: Config,
  prefix: readonly Event[],
  play: (events: readonly Event[]) => Outputs,
  { model }: Property<Config>,
): string {
  const fails = (events: readonly Event[]) => firstDifference(events, play(events), model(config)) === events.length - 1
  let events = prefix
  for (let index = events.length - 2; index >= 0; index--) {
    const without = events.filter((_, other) => other !== index)
    if (fails(without)) events = without
  }
  const truth = model(config)
  const expected = events.map((event) => truth.take(event))
  const actual = play(events)
  const lines = events.map((event, index) =>
    [
      `${event.topic} ${event.key}=${event.value} @${event.timestamp}`,
      `  engine ${actual[index]?.join(' | ')}`,
      `  model  ${expected[index]?.join(' | ')}`,
    ].join('\n'),
  )
  const head = `seed ${seed}, ${JSON.stringify(config)}: the shortest prefix has ${prefix.length} records`
  return `${head}; without those that do not matter:\n${lines.join('\n')}`
}
