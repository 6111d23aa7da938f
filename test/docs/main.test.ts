import { expect, test } from '@jest/globals'
import {
  composeStreams,
  type KafkaConnection,
  type Logger,
  type MillraceError,
  silentLogger,
  startStreams,
  StreamsBuilder,
  string,
  systemClock,
} from '../../src/index.ts'
import { openMemoryKafka } from './memory-kafka.ts'

const text = { key: string(), value: string() }

// #region main
/** Resolves with the exit code; `stop` is given by a signal. */
async function main(kafka: KafkaConnection, logger: Logger, stop: AbortSignal): Promise<number> {
  const builder = new StreamsBuilder()
  builder
    .stream('orders', text)
    .filter((_key, order) => order !== '')
    .to('checked-orders', text)
  const streams = composeStreams({ applicationId: 'orders', kafka, logger }, builder.build())
  const { application } = streams
  stop.addEventListener('abort', () => {
    streams.close({ timeoutMs: 30_000 }).catch((error: unknown) => logger.error({ error }, 'close was incomplete'))
  })
  try {
    // A close within the start rejects it, and ends the application in order.
    await application.start().catch(() => {})
    await application.ended
    return 0
  } catch (error) {
    logger.error({ error }, 'the application has failed')
    await streams.close()
    return 1
  }
}
// #endregion

test('a main ends with 0 when it is stopped', async () => {
  const { kafka, close } = await openMemoryKafka('orders', 'checked-orders')
  const controller = new AbortController()
  const code = main(kafka, silentLogger, controller.signal)
  await systemClock.sleep(50)
  controller.abort()
  expect(await code).toBe(0)
  await close()
})

test('a main that is stopped while it waits for its topics ends with 0', async () => {
  const { kafka, close } = await openMemoryKafka()
  const controller = new AbortController()
  const code = main(kafka, silentLogger, controller.signal)
  await systemClock.sleep(50)
  controller.abort()
  expect(await code).toBe(0)
  await close()
})

test('a main ends with an error when the application cannot start', async () => {
  const { kafka, close } = await openMemoryKafka('orders')
  const failing = startStreams({ applicationId: '', kafka, logger: silentLogger }, new StreamsBuilder().build())
  await expect(failing).rejects.toMatchObject({ code: 'INVALID_SETTINGS' } satisfies Partial<MillraceError>)
  await close()
})
