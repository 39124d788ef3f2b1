import { Checkbox } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import type { StoryEvent } from '../../api/client'
import { useStory } from '../../api/queries'
import { Section } from '../../components/Page'
import { slipPage } from '../../components/SlipTable'
import { SourceChip } from '../../components/SourceChip'
import { Failure, Loading } from '../../components/States'
import { isEmpty } from '../../form/schema'
import { moment } from '../../format'
import { t } from '../../text'

/** Everything that happened to a matter, latest first. */
export function Story({ matter, explain }: { matter: string; explain: (limit: number) => void }) {
  const story = useStory(matter)
  const [all, setAll] = useState(false)
  const minor = story.data?.some((event) => event.minor)
  const events = story.data?.filter((event) => all || !event.minor).slice().reverse()
  return (
    <Section
      title={t('story')}
      aside={
        minor && (
          <Checkbox checked={all} onChange={(event) => setAll(event.target.checked)}>
            {t('story-all')}
          </Checkbox>
        )
      }
    >
      {story.error && !story.data && <Failure error={story.error} again={() => void story.refetch()} />}
      {!events && !story.error && <Loading />}
      {events && <StoryList events={events} explain={explain} />}
    </Section>
  )
}

/** Who did it, as far as the sentence does not say so already. */
function StoryBy({ event }: { event: StoryEvent }) {
  const who = [event.post, event.by?.name].filter((name, i, all) => name && all.indexOf(name) === i && !event.sentence.includes(name))
  const behalf = event.behalf && !event.sentence.includes(event.behalf) ? t('deputy-for', { name: event.behalf }) : ''
  return who.length > 0 || behalf ? <span className="story-by">{who.join(' ') + behalf}</span> : null
}

/** How a limit ended that was not kept: then its day is asked after. */
const UNKEPT: readonly StoryEvent['kept'][] = ['late', 'missed']

export function StoryList({ events, explain }: { events: StoryEvent[]; explain?: (limit: number) => void }) {
  return (
    <ol className="story">
      {events.map((event) => (
        <li key={event.sequence} className={event.minor ? 'story-minor' : undefined}>
          <time dateTime={event.at}>{moment(event.at)}</time>
          <div>
            <span>{event.sentence}</span> <SourceChip source={event.source} title={event.sourceTitle} />
            {explain && event.limitId !== undefined && UNKEPT.includes(event.kept) && (
              <button type="button" className="link why-link" onClick={() => explain(event.limitId!)}>
                {t('why-this-day')}
              </button>
            )}
            <StoryBy event={event} />
            {event.opinion && <blockquote>{event.opinion}</blockquote>}
            {event.changes && event.changes.length > 0 && (
              <ul className="changes">
                {event.changes.map((change) => (
                  <li key={change.field}>
                    {t(isEmpty(change.from) ? 'change-filled' : isEmpty(change.to) ? 'change-emptied' : 'change-changed', { field: change.title })}
                  </li>
                ))}
              </ul>
            )}
            {event.slip && <Link to={slipPage(event.slip)}>{t('open-slip')}</Link>}
            {event.matter && <Link to={`/matters/${event.matter}`}>{t('open-linked')}</Link>}
          </div>
        </li>
      ))}
    </ol>
  )
}
