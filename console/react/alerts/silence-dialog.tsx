import { type FormEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react'
import type { AlertAction, SilenceTarget } from './alert-desk.ts'
import type { Alert } from './alert-snapshot.ts'

const minuteMs = 60_000
const durations: readonly (readonly [string, number])[] = [
  ['30 minutes', 30 * minuteMs],
  ['1 hour', 60 * minuteMs],
  ['4 hours', 240 * minuteMs],
  ['1 day', 1440 * minuteMs],
  ['1 week', 10_080 * minuteMs],
]

export interface SilenceDialogProps {
  readonly alert: Alert
  /** Resolves to why it was not done. */
  readonly onSilence: (action: AlertAction) => Promise<string | undefined>
  readonly onClose: () => void
}

/** Asks which alerts are to be silent, for how long and why. */
export function SilenceDialog({ alert, onSilence, onClose }: SilenceDialogProps): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null)
  const [fault, setFault] = useState<string>()
  const [isSent, setSent] = useState(false)
  const id = useId()
  useEffect(() => dialog.current?.showModal(), [])
  const scopes = scopesOf(alert)
  const send = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const reason = form.get('reason')
    const [, target] = scopes[Number(form.get('scope'))] ?? scopes[0] ?? ['', { id: alert.id }]
    const [, forMs] = durations[Number(form.get('duration'))] ?? ['', 0]
    setSent(true)
    const refused = await onSilence({
      verb: 'silence',
      ...target,
      forMs,
      reason: typeof reason === 'string' ? reason : '',
    })
    setSent(false)
    if (refused === undefined) dialog.current?.close()
    else setFault(refused)
  }
  return (
    <dialog ref={dialog} className="mr-dialog mr-silence-dialog" aria-labelledby={`${id}-title`} onClose={onClose}>
      <form onSubmit={(event) => void send(event)}>
        <h3 id={`${id}-title`}>Silence</h3>
        <label htmlFor={`${id}-scope`}>Which alerts</label>
        <select id={`${id}-scope`} name="scope">
          {scopes.map(([text], index) => (
            <option key={text} value={index}>
              {text}
            </option>
          ))}
        </select>
        <label htmlFor={`${id}-duration`}>For</label>
        <select id={`${id}-duration`} name="duration" defaultValue="1">
          {durations.map(([text], index) => (
            <option key={text} value={index}>
              {text}
            </option>
          ))}
        </select>
        <label htmlFor={`${id}-reason`}>Why, for those who wonder</label>
        <input id={`${id}-reason`} name="reason" required maxLength={500} autoComplete="off" />
        {fault !== undefined && (
          <p className="mr-fault" role="alert">
            {fault}
          </p>
        )}
        <div className="mr-buttons">
          <button type="submit" disabled={isSent}>
            Silence
          </button>
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
        </div>
      </form>
    </dialog>
  )
}

/** From the narrowest. Masked values are those of no alert. */
function scopesOf({ id, rule, group }: Alert): readonly (readonly [string, SilenceTarget])[] {
  const fields = Object.entries(group).filter(([, value]) => !value.includes('[redacted'))
  return [
    ['This alert', { id }],
    [`All alerts of the rule ${rule}`, { match: { rule } }],
    ...fields.map(([name, value]) => [`All alerts with ${name}=${value}`, { match: { [name]: value } }] as const),
  ]
}
