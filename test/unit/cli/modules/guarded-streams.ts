import { defineWorker } from '../../../../src/worker/index.ts'
import { guardedDefinition } from './guarded.ts'

/** The same in the streams protocol. */
export default defineWorker({
  ...guardedDefinition,
  options: () => ({ ...guardedDefinition.options(), groupProtocol: 'streams' as const }),
})
