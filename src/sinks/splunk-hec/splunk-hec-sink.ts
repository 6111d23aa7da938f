import type { SinkFactory } from '../port.ts'
import { sinkFactoryOf } from '../sink-factory.ts'
import { type SplunkHecSinkOptions, splunkHecConfig } from './options.ts'
import { SplunkHecTarget } from './splunk-hec-target.ts'

/**
 * Events into Splunk by its HTTP Event Collector, without acknowledgements: an answer says that the events are in the
 * receiver's queue. Throws INVALID_SETTINGS with everything that is wrong with the options.
 */
export function splunkHecSink(options: SplunkHecSinkOptions): SinkFactory {
  const config = splunkHecConfig(options)
  return sinkFactoryOf(config, new SplunkHecTarget(config))
}
