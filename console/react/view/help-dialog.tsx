import { type ReactNode, useEffect, useRef } from 'react'
import { shortcuts } from './shortcuts.ts'

/** The keys, in a dialog that Escape closes. */
export function HelpDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog ref={dialog} className="mr-dialog mr-help" aria-label="keys" onClose={onClose}>
      <dl>
        {shortcuts.map(({ keys, command, text }) => (
          <div key={command}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key === ' ' ? 'Space' : key}</kbd>
              ))}
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <button type="button" onClick={() => dialog.current?.close()}>
        Close
      </button>
    </dialog>
  )
}
