// #region example
import { LogAnalyticsDashboard } from '../react/index.ts'
import '../react/styles.css'

export function ShopNumbers() {
  return (
    <LogAnalyticsDashboard
      endpoint="/analytics"
      timeRange="6h"
      refreshInterval={30_000}
      chartTypes={['line', 'bar', 'heatmap']}
    />
  )
}
// #endregion
