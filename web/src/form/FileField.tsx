import { useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useContext, useEffect, useRef, useState, type DragEvent } from 'react'
import { newKey } from '../api/key'
import { leavesOpen, problemOf } from '../api/problem'
import type { Matter, Schemas } from '../api/client'
import { fileSize } from '../format'
import { t } from '../text'
import { attachmentHref, MAX_BYTES, upload } from './upload'
import { Uploading } from './uploading'

type Upload = { key: string; file: File; part: number; error?: string; again: boolean; stop: AbortController }

type Props = {
  title: string
  many: boolean
  most?: number
  matter?: string
  value: string[]
  set: (ids: string[]) => void
}

/** Files of a form: chosen or dropped, uploaded with progress, each error at its file. The value is their ids. */
export function FileField({ title, many, most, matter, value, set }: Props) {
  const client = useQueryClient()
  const tell = useContext(Uploading)
  const input = useRef<HTMLInputElement>(null)
  const [uploads, setUploads] = useState<Upload[]>([])
  const current = useRef(value)
  current.current = value
  const latest = useRef(set) // within a list, one made before an upload would put back what was there then
  latest.current = set
  const running = useRef(uploads)
  running.current = uploads
  useEffect(() => () => running.current.forEach((one) => one.stop.abort()), [])

  const room = (many ? (most ?? 100) : 1) - value.length - uploads.length
  const patch = (key: string, change: Partial<Upload>) =>
    setUploads((all) => all.map((one) => (one.key === key ? { ...one, ...change } : one)))
  const drop = (key: string) => setUploads((all) => all.filter((one) => one.key !== key))

  const start = async (one: Upload) => {
    patch(one.key, { error: undefined, part: 0 })
    tell(1)
    try {
      const kept = await upload(one.file, one.key, (part) => patch(one.key, { part }), one.stop.signal)
      client.setQueryData(['attachment', kept.id], kept)
      drop(one.key)
      // Files that arrive together, before anything is drawn anew, must not forget each other.
      current.current = many ? [...current.current.filter((id) => id !== kept.id), kept.id] : [kept.id]
      latest.current(current.current)
    } catch (error) {
      if (one.stop.signal.aborted) return
      const problem = problemOf(error)
      patch(one.key, { error: problem.detail || problem.title, again: leavesOpen(error) })
    } finally {
      tell(-1)
    }
  }
  const add = (files: FileList | null) => {
    const added = Array.from(files ?? [])
      .slice(0, Math.max(0, room))
      .map((file): Upload => {
        const error = file.size > MAX_BYTES ? t('file-too-large') : file.size === 0 ? t('file-empty') : undefined
        return { key: newKey(), file, part: 0, error, again: false, stop: new AbortController() }
      })
    setUploads((all) => [...all, ...added])
    for (const one of added) if (!one.error) void start(one)
    if (input.current) input.current.value = ''
  }
  const onDrop = (event: DragEvent) => {
    event.preventDefault()
    add(event.dataTransfer.files)
  }

  return (
    <div className="files" onDragOver={(event) => event.preventDefault()} onDrop={onDrop}>
      <ul>
        {value.map((id, i) => (
          <li key={id} className="file">
            <FileLink id={id} n={i + 1} matter={matter} />
            <Button size="small" onClick={() => set(value.filter((other) => other !== id))} aria-label={t('remove-file-n', { n: i + 1 })}>
              {t('remove')}
            </Button>
          </li>
        ))}
        {uploads.map((one) => (
          <li key={one.key} className={one.error ? 'file file-wrong' : 'file'}>
            <span className="file-name">
              {one.file.name} <span className="dim">{fileSize(one.file.size)}</span>
            </span>
            {one.error ? (
              <span role="alert" className="field-error">
                {one.error}
              </span>
            ) : (
              <>
                <progress value={one.part} max={1} aria-label={t('uploading', { name: one.file.name })} />
                <span className="dim">{one.part < 1 ? `${Math.floor(one.part * 100)}%` : t('file-checking')}</span>
              </>
            )}
            {one.again && (
              <Button size="small" onClick={() => void start(one)}>
                {t('again')}
              </Button>
            )}
            <Button size="small" onClick={() => (one.stop.abort(), drop(one.key))} aria-label={t('cancel-file', { name: one.file.name })}>
              {t('cancel')}
            </Button>
          </li>
        ))}
      </ul>
      {room > 0 && (
        <>
          <input
            ref={input}
            className="sr-only"
            type="file"
            tabIndex={-1}
            multiple={many}
            aria-label={title}
            onChange={(event) => add(event.target.files)}
          />
          <Button onClick={() => input.current?.click()}>
            {t(many ? 'choose-files' : 'choose-file')}
            <span className="sr-only">{title}</span>
          </Button>
          <span className="field-hint">{t('file-hint')}</span>
        </>
      )}
    </div>
  )
}

/** A file by its name, to download; by its number where the name is not known. */
export function FileLink({ id, n, matter }: { id: string; n: number; matter?: string }) {
  const client = useQueryClient()
  const known =
    client.getQueryData<Schemas['Attachment']>(['attachment', id]) ??
    client.getQueryData<Matter>(['matter', matter])?.attachments?.find((one) => one.id === id)
  return (
    <a className="file-name" href={attachmentHref(id)} download={known?.name ?? ''}>
      {known?.name ?? t('file-n', { n })}
      {known && <span className="dim"> {fileSize(known.size)}</span>}
    </a>
  )
}
