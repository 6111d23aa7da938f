import { collectorWorker } from '../fleet/collector-worker.ts'

export default collectorWorker()
