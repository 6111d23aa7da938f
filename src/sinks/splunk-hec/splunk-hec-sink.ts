import type { SinkFactory } from '../port.ts'
import { sinkFactoryOf } from '../sink-factory.ts'
import { type SplunkHecSinkOptions, splunkHecConfig } from './splunk-hec-options.ts'
import { SplunkHecPreparation } from './splunk-hec-preparation.ts'
import { SplunkHecTarget } from './splunk-hec-target.ts'

/**
 * Writes events to Splunk through its HTTP Event Collector, without acknowledgements: an answer means that the events
 * are in the receiver's queue. Throws INVALID_SETTINGS, which lists all invalid options.
 */
export function splunkHecSink(options: SplunkHecSinkOptions): SinkFactory {
  const config = splunkHecConfig(options)
  return sinkFactoryOf(config, new SplunkHecTarget(config), { preparation: new SplunkHecPreparation(config) })
}
