import { useQuery } from '@tanstack/react-query'
import { Button, Modal } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { api, ask, type Problem, type Schemas } from '../api/client'
import { newKey } from '../api/key'
import { problemOf } from '../api/problem'
import { t } from '../text'
import { ProblemAlert } from './States'

const EVERY = 400 // milliseconds between two questions about how far it is

/** The address of a finished export's file. */
const fileOf = (id: string) => `/api/v1/exports/${id}/file`

/** Writes a list to a spreadsheet: how far it is, a way to stop it, and the file when it is there. */
export function ExportButton({ what }: { what: Schemas['NewExport'] }) {
  const [asked, setAsked] = useState<{ key: string; what: Schemas['NewExport'] }>()
  return (
    <>
      <Button onClick={() => setAsked({ key: newKey(), what })}>{t('export')}</Button>
      {asked && <Exporting key={asked.key} intention={asked.key} what={asked.what} close={() => setAsked(undefined)} />}
    </>
  )
}

type Asked = { intention: string; what: Schemas['NewExport']; close: () => void }

function Exporting({ intention, what, close }: Asked) {
  const [begun, setBegun] = useState<Schemas['Export']>()
  const [problem, setProblem] = useState<Problem>()
  const asked = useRef(false)
  useEffect(() => {
    if (asked.current) return
    asked.current = true
    ask(api.POST('/api/v1/exports', { params: { header: { 'Idempotency-Key': intention } }, body: what })).then(setBegun, (error: unknown) =>
      setProblem(problemOf(error)),
    )
  }, [intention, what])
  const query = useQuery({
    queryKey: ['export', begun?.id],
    queryFn: ({ signal }) => ask(api.GET('/api/v1/exports/{export}', { params: { path: { export: begun!.id } }, signal })),
    enabled: begun !== undefined,
    refetchInterval: ({ state }) => (state.data && state.data.state !== 'running' ? false : EVERY),
    staleTime: 0,
    placeholderData: undefined,
  })
  const now = query.data ?? begun
  const finished = now?.state === 'done'
  const link = useRef<HTMLAnchorElement>(null)
  useEffect(() => {
    if (finished) link.current?.click()
  }, [finished])
  const leave = () => {
    if (now?.state === 'running') void ask(api.DELETE('/api/v1/exports/{export}', { params: { path: { export: now.id } } })).catch(() => undefined)
    close()
  }

  return (
    <Modal open title={t('export')} onCancel={leave} footer={<Button onClick={leave}>{t(finished ? 'close' : 'cancel')}</Button>}>
      {problem && <ProblemAlert problem={problem} />}
      {!problem && query.error && <ProblemAlert problem={problemOf(query.error)} />}
      {now?.state === 'failed' && <ProblemAlert problem={{ type: 'about:blank', title: t('export-failed'), status: 0, code: 'export-failed', traceId: '' }} />}
      {!problem && now?.state !== 'failed' && (
        <div role="status">
          <p>{now ? (finished ? t('export-done', { n: now.total }) : t('export-running', { done: now.done, total: now.total })) : t('export-begins')}</p>
          <progress className="progress" aria-label={t('export')} max={Math.max(now?.total ?? 1, 1)} value={finished ? Math.max(now.total, 1) : now?.done} />
          {finished && (
            <p>
              <a ref={link} href={fileOf(now.id)} download={now.name}>
                {t('export-save')}
              </a>
            </p>
          )}
        </div>
      )}
    </Modal>
  )
}
