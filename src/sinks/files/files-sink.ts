import type { SinkFactory } from '../port.ts'
import { sinkFactoryOf } from '../sink-factory.ts'
import { filesConfig, type FilesSinkOptions } from './files-options.ts'
import { FilesTarget } from './files-target.ts'

/**
 * One line of JSON a document, appended to a file a day or a name. What is flushed is on the disk, and a crash leaves no
 * torn line. Throws INVALID_SETTINGS with everything that is wrong with the options.
 */
export function filesSink(options: FilesSinkOptions): SinkFactory {
  const config = filesConfig(options)
  return sinkFactoryOf(config, new FilesTarget(config))
}
