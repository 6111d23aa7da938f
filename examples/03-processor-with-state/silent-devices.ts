import {
  defineTopology,
  type KeyValueStore,
  keyValueStore,
  long,
  type Processor,
  type ProcessorContext,
  type ProcessorSupplier,
  seconds,
  type StreamRecord,
  string,
} from 'millrace'

export const texts = { key: string(), value: string() }

const silenceMs = seconds(30)

/** Remembers when each device sent its last signal, and reports a device once when it was silent for more than 30 seconds. */
export class SilenceWatch implements Processor<string, string, string, string> {
  #context!: ProcessorContext<string, string>
  #lastHeard!: KeyValueStore<string, number>

  init(context: ProcessorContext<string, string>): void {
    this.#context = context
    this.#lastHeard = context.getStateStore('last-heard')
    context.schedule(seconds(10), 'stream-time', (nowMs) => this.#reportSilent(nowMs))
  }

  process({ key, timestamp }: StreamRecord<string, string>): void {
    this.#lastHeard.put(key, timestamp)
  }

  #reportSilent(nowMs: number): void {
    for (const { key, value: heardMs } of this.#lastHeard.all()) {
      if (nowMs - heardMs <= silenceMs) continue
      this.#lastHeard.delete(key)
      this.#context.forward({ key, value: `silent since ${heardMs}`, timestamp: nowMs, headers: [] })
    }
  }
}

const silenceWatch: ProcessorSupplier<string, string, string, string> = {
  create: () => new SilenceWatch(),
  stores: [keyValueStore({ name: 'last-heard', key: string(), value: long() })],
}

export const silentDevices = defineTopology('silent-devices', (builder) => {
  builder
    .stream('signals', { name: 'signals', ...texts })
    .process(silenceWatch, { name: 'silence-watch' })
    .to('silent-devices', { name: 'to-silent-devices', ...texts })
})
