import { type ReactNode, useState } from 'react'

export interface NumbersTableProps {
  /** What the numbers are. */
  readonly title: string
  readonly columns: readonly string[]
  /** The first cell of a row names it. */
  readonly rows: () => readonly (readonly string[])[]
}

/** The numbers of a chart, for those who cannot see it or want them exactly. Made when it is opened. */
export function NumbersTable({ title, columns, rows }: NumbersTableProps): ReactNode {
  const [isOpen, setOpen] = useState(false)
  return (
    <details className="mr-numbers" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Numbers</summary>
      {isOpen && (
        // What can be scrolled has to be reached by keys.
        <div role="region" aria-label={`${title}, table`} tabIndex={0}>
          <table>
            <caption>{title}</caption>
            <thead>
              <tr>
                {columns.map((column) => (
                  <th key={column} scope="col">
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows().map(([name, ...cells]) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  {cells.map((cell, index) => (
                    <td key={columns[index + 1]}>{cell}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  )
}
