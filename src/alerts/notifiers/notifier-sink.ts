import type { SinkFactory } from '../../sinks/port.ts'
import { sinkFactoryOf } from '../../sinks/sink-factory.ts'
import type { Notifier, NotifierMessage } from './notifier.ts'
import type { NotifierSettings } from './notifier-options.ts'
import { NotifierTarget } from './notifier-target.ts'

/** A sink that notifies one receiver. */
export function notifierSink<Message extends NotifierMessage>(
  settings: NotifierSettings,
  notifier: Notifier<Message>,
): SinkFactory {
  const target = new NotifierTarget(settings, notifier)
  return sinkFactoryOf({ ...settings, requestTimeoutMs: target.writeTimeoutMs }, target)
}
