/** What is shown where a part of the page cannot be drawn, such as after its files have been replaced. */

import { Component, type ReactNode } from 'react'
import { texts } from '../texts'
import { Button } from './controls'

export class Boundary extends Component<{ children: ReactNode }, { hasFailed: boolean }> {
  override state = { hasFailed: false }

  static getDerivedStateFromError(): { hasFailed: boolean } {
    return { hasFailed: true }
  }

  override render(): ReactNode {
    if (!this.state.hasFailed) return this.props.children
    return (
      <div role="alert" className="flex flex-col items-center gap-2 py-8 text-center">
        <p className="font-medium">{texts.state.failed}</p>
        <Button onClick={() => window.location.reload()}>{texts.state.reload}</Button>
      </div>
    )
  }
}
