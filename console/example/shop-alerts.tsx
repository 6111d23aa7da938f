// #region example
import { RealTimeAlerts } from '../react/index.ts'
import '../react/styles.css'

export function ShopAlerts() {
  return (
    <RealTimeAlerts
      endpoint="/alerts"
      severityFilter={['critical', 'high']}
      notificationChannels={['browser', 'slack', 'email']}
    />
  )
}
// #endregion
