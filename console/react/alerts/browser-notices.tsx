import { type ReactNode, useState } from 'react'
import type { AlertGroup } from './alert-snapshot.ts'

const isThere = typeof Notification !== 'undefined'

/** Shows a notice of the browser, where somebody has allowed it. One group has one notice at a time. */
export function notifyInBrowser({ id, severity, alerts }: AlertGroup): void {
  if (!isThere || Notification.permission !== 'granted') return
  try {
    const notice = new Notification(`${severity} alert`, { body: alerts[0]?.summary ?? '', tag: id })
    notice.addEventListener('click', () => window.focus())
  } catch {
    // Some browsers of phones have the permission and no such notices.
  }
}

/** Asks the browser for the permission, which it gives on a click only; then says what holds. */
export function BrowserNoticesButton(): ReactNode {
  const [permission, setPermission] = useState(() => (isThere ? Notification.permission : 'none'))
  if (permission === 'none') return <span className="mr-note">This browser has no notices</span>
  if (permission === 'granted') return <span className="mr-note">Browser notices are on</span>
  if (permission === 'denied') return <span className="mr-note">Browser notices are blocked for this site</span>
  return (
    <button type="button" onClick={() => void Notification.requestPermission().then(setPermission)}>
      Browser notices
    </button>
  )
}
