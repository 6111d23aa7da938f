import type { SinkFactory } from '../../sinks/port.ts'
import { sinkFactoryOf } from '../../sinks/sink-factory.ts'
import type { Notifier, NotifierMessage } from './notifier.ts'
import type { NotifierSettings } from './notifier-options.ts'
import { NotifierTarget } from './notifier-target.ts'

/** A sink that notifies one receiver; its name is that of the receiver. */
export interface NotifierFactory extends SinkFactory {
  /** Whether it takes notices of kind `acknowledge`: a service that calls people until somebody acknowledges. */
  readonly acknowledges: boolean
}

export function notifierSink<Message extends NotifierMessage>(
  settings: NotifierSettings,
  notifier: Notifier<Message>,
  { acknowledges = false } = {},
): NotifierFactory {
  const target = new NotifierTarget(settings, notifier)
  const factory = sinkFactoryOf({ ...settings, requestTimeoutMs: target.writeTimeoutMs }, target)
  return Object.freeze({ ...factory, acknowledges })
}
