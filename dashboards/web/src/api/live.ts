/** Live feeds by WebSocket: they go on after the last message seen, and connect again after a pause. */

import { useEffect, useState } from 'react'

const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 15_000
const POSITION_IS_GONE = 4404
const NOT_ALLOWED = new Set([4401, 4403])

export type Connection = 'connecting' | 'open' | 'closed'

/** How long to wait before the next attempt. */
export function pauseAfter(failures: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS)
}

export class Feed<Message extends { position: number }> {
  private socket: WebSocket | null = null
  private timer: ReturnType<typeof setTimeout> | undefined
  private failures = 0
  private position: number | null = null
  private isStopped = false

  constructor(
    private readonly path: string,
    private readonly onMessage: (message: Message) => void,
    private readonly onConnection: (connection: Connection) => void,
    /** Messages were missed that the server no longer has: read the table anew. */
    private readonly onGap: () => void,
  ) {
    this.connect()
  }

  stop(): void {
    this.isStopped = true
    clearTimeout(this.timer)
    this.socket?.close()
  }

  private connect(): void {
    this.onConnection('connecting')
    const scheme = window.location.protocol === 'https:' ? 'wss' : 'ws'
    const after = this.position === null ? '' : `?after=${this.position}`
    const socket = new WebSocket(`${scheme}://${window.location.host}${this.path}${after}`)
    this.socket = socket
    socket.addEventListener('open', () => {
      this.failures = 0
      this.onConnection('open')
    })
    socket.addEventListener('message', (event) => {
      const message = JSON.parse(event.data as string) as Message
      this.position = message.position
      this.onMessage(message)
    })
    socket.addEventListener('close', (event) => this.closed(event.code))
  }

  private closed(code: number): void {
    if (this.isStopped) return
    this.onConnection('closed')
    if (NOT_ALLOWED.has(code)) return
    if (code === POSITION_IS_GONE) {
      this.position = null
      this.onGap()
    }
    this.timer = setTimeout(() => this.connect(), pauseAfter(this.failures++))
  }
}

/** Listen while a component is shown; the state of the connection. */
export function useFeed<Message extends { position: number }>(
  path: string,
  onMessage: (message: Message) => void,
  onGap: () => void,
): Connection {
  const [connection, setConnection] = useState<Connection>('connecting')
  useEffect(() => {
    const feed = new Feed<Message>(path, onMessage, setConnection, onGap)
    return () => feed.stop()
  }, [path, onMessage, onGap])
  return connection
}
