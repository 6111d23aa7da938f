import { liveTailWorker } from '../fleet/live-tail-worker.ts'

export default liveTailWorker()
