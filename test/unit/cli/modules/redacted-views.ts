import { defaultRedaction } from '../../../../src/pipelines/index.ts'
import { defineWorker } from '../../../../src/worker/index.ts'
import { pageViews } from './page-views.ts'

/** The same topology with rules of its own for taps. */
export const redactedViews = defineWorker({
  name: 'page-views',
  topology: () => pageViews,
  redaction: () => ({ rules: [{ name: 'visitor', names: ['visitor'] }, ...defaultRedaction.rules] }),
})
