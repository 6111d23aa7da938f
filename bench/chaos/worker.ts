import { defineWorker } from '../../src/worker/index.ts'
import { chaosTopology, groupId } from './topology.ts'

/** What `millrace run` runs in each process of the chaos run. */
export default defineWorker({
  name: groupId,
  topology: () => chaosTopology,
  options: () => ({ producerLingerMs: 5, pollMs: 20 }),
})
