import { Component, lazy, Suspense, type ReactNode } from 'react'
import { useLocation } from 'react-router'
import { Missing } from '../api/problem'
import { t } from '../text'
import { Failure, Loading } from './States'

/** A component in a script file of its own, read when it is first drawn. Where the file does not come, React remembers [Missing]. */
export const apart: typeof lazy = (read) =>
  lazy(() =>
    read().catch((cause: unknown) => {
      throw new Missing({ cause })
    }),
  )

/**
 * Holds what its children wait for and what goes wrong while they are drawn: told in their place, until one tries again or
 * goes to another page.
 */
export function Boundary({ waiting = <Loading />, children }: { waiting?: ReactNode; children: ReactNode }) {
  return (
    <Holder at={useLocation().pathname}>
      <Suspense fallback={waiting}>{children}</Suspense>
    </Holder>
  )
}

type Props = { at: string; children: ReactNode }
type State = { error?: unknown }

class Holder extends Component<Props, State> {
  override state: State = {}

  static getDerivedStateFromError(error: unknown): State {
    return { error }
  }

  override componentDidUpdate({ at }: Props) {
    if (at !== this.props.at && this.state.error !== undefined) this.setState({ error: undefined })
  }

  override render() {
    const { error } = this.state
    if (error === undefined) return this.props.children
    // A file that did not come is asked for again only by a fresh page; nobody's words elsewhere on this one go unasked.
    return error instanceof Missing ? (
      <Failure error={error} again={() => window.location.reload()} label={t('reload')} />
    ) : (
      <Failure error={error} again={() => this.setState({ error: undefined })} />
    )
  }
}
