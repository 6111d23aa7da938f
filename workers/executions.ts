import { executionsWorker } from '../fleet/executions-worker.ts'

export default executionsWorker()
