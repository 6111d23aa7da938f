import type { Clock } from '../core/clock.ts'
import { errorCode, errorMessage } from '../core/errors.ts'
import type { Logger } from '../core/logger.ts'
import type { Retry } from './retry.ts'

/** Does it until it passes, as long as the patience lasts. Rejects with what no retry mends. */
export async function retrying<T>(retry: Retry, clock: Clock, logger: Logger, act: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      const result = await act()
      retry.succeeded()
      return result
    } catch (error) {
      const waitMs = retry.failed(error, clock.monotonicMs())
      logger.warn({ code: errorCode(error), error: errorMessage(error), waitMs }, 'tried again')
      await clock.sleep(waitMs)
    }
  }
}
