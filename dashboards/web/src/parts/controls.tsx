/** Buttons and choices, all of one height. */

import type { ComponentProps, ReactNode } from 'react'

const SHAPE = 'inline-flex h-8 items-center gap-1.5 rounded-md border border-line px-2.5 text-[13px] whitespace-nowrap'

export function Button({ className = '', ...rest }: ComponentProps<'button'>) {
  return (
    <button
      type="button"
      className={`${SHAPE} bg-surface text-ink hover:bg-raised disabled:cursor-default disabled:opacity-50 ${className}`}
      {...rest}
    />
  )
}

/** A button that is an icon, with its name for screen readers. */
export function IconButton({ label, children, ...rest }: ComponentProps<'button'> & { label: string }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className="inline-flex size-8 items-center justify-center rounded-md text-soft hover:bg-raised hover:text-ink"
      {...rest}
    >
      {children}
    </button>
  )
}

export interface Choice<Name extends string> {
  value: Name
  label: ReactNode
}

/** One of a few choices, side by side. */
export function Segments<Name extends string>({
  label,
  choices,
  value,
  onChoose,
}: {
  label: string
  choices: readonly Choice<Name>[]
  value: Name | null
  onChoose: (value: Name) => void
}) {
  return (
    <div role="group" aria-label={label} className="inline-flex h-8 rounded-md border border-line bg-surface p-0.5">
      {choices.map((choice) => (
        <button
          key={choice.value}
          type="button"
          aria-pressed={choice.value === value}
          onClick={() => onChoose(choice.value)}
          className={`rounded px-2.5 text-[13px] whitespace-nowrap ${
            choice.value === value ? 'bg-accent-soft font-medium text-ink' : 'text-soft hover:text-ink'
          }`}
        >
          {choice.label}
        </button>
      ))}
    </div>
  )
}

export function Select({ label, children, ...rest }: ComponentProps<'select'> & { label: string }) {
  return (
    <select aria-label={label} className={`${SHAPE} max-w-44 bg-surface pr-1`} {...rest}>
      {children}
    </select>
  )
}

export function DateInput({ label, ...rest }: ComponentProps<'input'> & { label: string }) {
  return <input type="date" aria-label={label} className={`${SHAPE} w-36 bg-surface`} {...rest} />
}
