import { useQuery } from '@tanstack/react-query'
import { api, ask, type Schemas } from '../../api/client'

const CROWD = 5_000 // milliseconds: the stream tells of each unit's ballot, and not of each of a crowd's
const TURN = 24 * 60 * 60_000 // the longest a page waits for a vote to open or close

/** When a vote's page looks again by itself, in milliseconds: as the public votes, and when the vote opens, closes or is counted. */
export function nextLook({ state, opens, closes, counts, eligible }: Schemas['PollSummary'], now: number): number | false {
  if (state === 'open' && eligible > 0) return CROWD
  const turns = [opens, closes, counts].flatMap((at) => (at ? [Date.parse(at) - now] : [])).filter((ms) => ms > 0)
  return turns.length > 0 && Math.min(...turns, TURN)
}

/** One vote, as it stands. */
export const usePoll = (poll: string) =>
  useQuery({
    queryKey: ['polls', poll],
    queryFn: ({ signal }) => ask(api.GET('/api/v1/polls/{poll}', { params: { path: { poll } }, signal })),
    refetchInterval: ({ state }) => state.data !== undefined && nextLook(state.data.summary, Date.now()),
    placeholderData: undefined,
  })
