/** What a browser without a session sees. */

import { useQueryClient } from '@tanstack/react-query'
import { texts } from '../texts'
import { Button } from './controls'

export function Login() {
  const client = useQueryClient()
  return (
    <main className="flex min-h-dvh items-center justify-center p-6">
      <div className="w-full max-w-sm rounded-lg border border-line bg-surface p-6">
        <img src="/icon.svg" alt="" className="mb-4 size-9" />
        <h1 className="mb-2 text-lg font-semibold">{texts.login.title}</h1>
        <p className="mb-3 text-soft">{texts.login.text}</p>
        <pre className="mb-4 rounded-md bg-raised px-3 py-2 text-[13px]">{texts.login.command}</pre>
        <Button onClick={() => void client.resetQueries()}>{texts.login.retry}</Button>
      </div>
    </main>
  )
}
