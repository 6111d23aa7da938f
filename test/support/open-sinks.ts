import type { Sink, SinkFactory, SinkRejection } from '../../src/sinks/port.ts'

/** The sinks that a test has opened, and what they have refused. */
export class OpenSinks {
  readonly rejections: SinkRejection[] = []
  readonly #open = new Set<Sink>()

  async open(factory: SinkFactory): Promise<Sink> {
    const sink = factory.create('0_0')
    await sink.open({ reject: (rejection) => void this.rejections.push(rejection) })
    this.#open.add(sink)
    return sink
  }

  async close(): Promise<void> {
    for (const sink of this.#open) await sink.close()
  }
}
