import type { Sink } from '../../src/sinks/port.ts'

/** As the runtime does: again for as long as the target asks to wait. */
export async function flushAtLast(sink: Sink, withinMs = 15_000): Promise<void> {
  const deadlineMs = performance.now() + withinMs
  for (;;) {
    try {
      return await sink.flush(1000)
    } catch (error) {
      if (performance.now() > deadlineMs || (error as { code: unknown }).code !== 'SINK_BACKPRESSURE') throw error
      await new Promise((resume) => setTimeout(resume, 20))
    }
  }
}
