import { bytes, StreamsBuilder } from '../../src/index.ts'
import type { Compression } from '../../src/kafka/port.ts'
import { startWatchedStreams } from '../support/watched-streams.ts'

/** Copies one topic to another by a streams application until `isDone`. */
export async function copyThroughStreams(
  bootstrap: string,
  from: string,
  to: string,
  compression: Compression,
  isDone: () => Promise<boolean>,
): Promise<void> {
  const builder = new StreamsBuilder()
  builder.stream(from, { key: bytes(), value: bytes() }).to(to, { key: bytes(), value: bytes() })
  const streams = await startWatchedStreams(
    {
      applicationId: `copy-${from}`,
      kafka: { bootstrap: bootstrap.split(',') },
      offsetReset: 'earliest',
      producerCompression: compression,
      commitIntervalMs: 200,
    },
    builder.build(),
  )
  try {
    for (const deadlineMs = performance.now() + 60_000; !(await isDone()); ) {
      if (performance.now() > deadlineMs) throw new Error(`${from} was not copied within 60 s`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  } finally {
    await streams.close()
  }
}
