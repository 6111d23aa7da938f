import { errorMessage } from '../../core/errors.ts'
import { ignoreRejection, isPromise } from '../../core/no-promise.ts'
import type { Logger } from '../../core/logger.ts'
import type { RuntimeListener } from '../listener.ts'

/** An error that a listener throws, or rejects with, is logged once per method and stops nothing. */
export function guardListener(listener: RuntimeListener, logger: Logger): Required<RuntimeListener> {
  const told = new Set<string>()
  const tell = (method: string, error: unknown): void => {
    ignoreRejection(error)
    if (told.has(method)) return
    told.add(method)
    logger.error(
      { method, error: errorMessage(error) },
      'the listener threw an error, which is ignored; it stays registered',
    )
  }
  const call = (method: keyof RuntimeListener, ask: () => unknown): void => {
    try {
      const answer = ask()
      if (isPromise(answer)) answer.then(undefined, (error: unknown) => tell(method, error))
    } catch (error) {
      tell(method, error)
    }
  }
  return {
    onState: (from, to) => call('onState', () => listener.onState?.(from, to)),
    onThreadState: (thread, from, to) => call('onThreadState', () => listener.onThreadState?.(thread, from, to)),
    onRebalance: (event) => call('onRebalance', () => listener.onRebalance?.(event)),
    onRound: (event) => call('onRound', () => listener.onRound?.(event)),
    onCommit: (event) => call('onCommit', () => listener.onCommit?.(event)),
    onRestored: (event) => call('onRestored', () => listener.onRestored?.(event)),
    onPositionLost: (event) => call('onPositionLost', () => listener.onPositionLost?.(event)),
    onError: (thread, error) => call('onError', () => listener.onError?.(thread, error)),
  }
}
