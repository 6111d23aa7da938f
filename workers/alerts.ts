import { alertsWorker } from '../fleet/alerts-worker.ts'

export default alertsWorker()
