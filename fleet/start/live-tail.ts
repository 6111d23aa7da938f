import { errorCode } from '../../src/core/errors.ts'
import { type KafkaConnection, type Logger, openKafka } from '../../src/index.ts'
import type { LiveTailServer } from '../../src/live-tail/index.ts'
import { startFleetTail } from '../live-tail-worker.ts'
import type { FleetSettings } from '../settings.ts'

/** The live tail of a demonstration: on another port where its own is taken, as by a second demonstration. */
export async function startDemonstrationTail(
  connection: KafkaConnection,
  settings: FleetSettings,
  logger: Logger,
): Promise<Pick<LiveTailServer, 'port' | 'close'>> {
  const kafka = openKafka(connection, logger)
  const server = await startFleetTail(kafka, settings, logger).catch((error: unknown) => {
    if (errorCode(error) !== 'LIVE_TAIL_PORT_IN_USE') throw error
    return startFleetTail(kafka, { ...settings, liveTail: { ...settings.liveTail, port: 0 } }, logger)
  })
  return {
    port: server.port,
    close: async () => {
      await server.close()
      await kafka.close()
    },
  }
}
