import { useQueryClient, type UseQueryResult } from '@tanstack/react-query'
import { Button } from 'antd'
import type { Schemas } from '../../api/client'
import { useTask } from '../../api/task'
import { Failure, Loading, ProblemAlert } from '../../components/States'
import { moment } from '../../format'
import { t } from './text'

type Props = { query: UseQueryResult<Schemas['SessionList']>; end: (session: string) => Promise<unknown> }

/** Where somebody is logged in, and ending it there. */
export function Sessions({ query, end }: Props) {
  const client = useQueryClient()
  const task = useTask()
  if (query.error && !query.data) return <Failure error={query.error} again={() => void query.refetch()} />
  if (!query.data) return <Loading />
  if (query.data.items.length === 0) return <p className="dim">{t('empty-sessions')}</p>
  const leave = (session: string) =>
    task.run(async () => {
      await end(session)
      await Promise.all(['person-sessions', 'my-sessions'].map((key) => client.invalidateQueries({ queryKey: [key] })))
    })
  return (
    <>
      {task.problem && <ProblemAlert problem={task.problem} />}
      <div className="scroll-x">
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">{t('col-address')}</th>
              <th scope="col">{t('col-agent')}</th>
              <th scope="col">{t('col-created')}</th>
              <th scope="col">{t('col-seen')}</th>
              <th scope="col">{t('col-do')}</th>
            </tr>
          </thead>
          <tbody>
            {query.data.items.map((one) => (
              <tr key={one.id}>
                <td>{one.address}</td>
                <td className="agent">{one.agent}</td>
                <td>{moment(one.created)}</td>
                <td>{moment(one.lastSeen)}</td>
                <td>
                  {one.current ? (
                    <span className="tag tag-mine">{t('this-session')}</span>
                  ) : (
                    <Button size="small" loading={task.busy} onClick={() => void leave(one.id)}>
                      {t('end-session')}
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}
