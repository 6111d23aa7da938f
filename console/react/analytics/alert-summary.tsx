import type { ReactNode } from 'react'
import type { AlertNumbers } from './numbers.ts'
import { numberText } from './number-text.ts'

const severities = ['critical', 'high', 'medium', 'low'] as const

/** How many alerts are open, and which rules have the most of them. */
export function AlertSummary({ alerts }: { readonly alerts: AlertNumbers }): ReactNode {
  const { open, rules, otherRules } = alerts
  return (
    <section className="mr-alerts" aria-label="alerts">
      <h3>Alerts</h3>
      <dl>
        {severities.map((severity) => (
          <div key={severity} className={`mr-severity-${severity}`}>
            <dt>{severity}</dt>
            <dd>{numberText(open[severity] ?? 0, 'alerts')} open</dd>
          </div>
        ))}
      </dl>
      {rules.length === 0 ? (
        <p className="mr-step">No alert was open in this time.</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">rule</th>
              <th scope="col">open</th>
              <th scope="col">began</th>
            </tr>
          </thead>
          <tbody>
            {rules.map(({ rule, open: isOpen, begun }) => (
              <tr key={rule}>
                <th scope="row">{rule}</th>
                <td>{numberText(isOpen, 'alerts')}</td>
                <td>{numberText(begun, 'alerts')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {otherRules > 0 && <p className="mr-step">and {otherRules} more rules</p>}
    </section>
  )
}
