import { errorCode, errorMessage, MillraceError } from '../../src/core/errors.ts'
import { type KafkaConnection, openKafka, systemClock } from '../../src/index.ts'
import type { FleetErrorCode } from '../error-codes.ts'

const timeoutMs = 5000

/** Rejects with UNREACHABLE, one line that names the server, its address and why. */
export async function checkKafka(kafka: KafkaConnection, address: string): Promise<void> {
  const driver = openKafka(kafka)
  const tooLate = systemClock.sleep(timeoutMs).then(() => {
    throw new Error(`no answer within ${timeoutMs / 1000} s`)
  })
  // Nobody is there to hear it when the answer came in time.
  tooLate.catch(() => {})
  try {
    await Promise.race([driver.admin().listTopics(), tooLate])
  } catch (error) {
    throw unreachable('Kafka', address, error)
  } finally {
    await driver.close()
  }
}

export async function checkHttp(name: string, url: string): Promise<void> {
  try {
    await (await fetch(url, { signal: AbortSignal.timeout(timeoutMs) })).arrayBuffer()
  } catch (error) {
    throw unreachable(name, url, (error as { cause?: unknown }).cause ?? error)
  }
}

function unreachable(name: string, address: string, error: unknown): MillraceError<FleetErrorCode> {
  const why = errorMessage(error) || errorCode(error) || 'no reason given'
  const message = `${name} at ${address} cannot be reached: ${why}`
  return new MillraceError<FleetErrorCode>('UNREACHABLE', 'fatal', message, { cause: error })
}
