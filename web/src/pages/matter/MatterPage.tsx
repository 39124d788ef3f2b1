import { Button } from 'antd'
import { useState } from 'react'
import { Link, useParams } from 'react-router'
import type { Matter, Schemas } from '../../api/client'
import { useMatter } from '../../api/queries'
import { ColourTag, StateTag } from '../../components/Colour'
import { Page, Section } from '../../components/Page'
import { Signed, SlipLinks, slipPage } from '../../components/SlipTable'
import { AuthorityChip } from '../../components/SourceChip'
import { Failure, Loading } from '../../components/States'
import { FormView } from '../../form/FormView'
import { moment, workingTime } from '../../format'
import { t } from '../../text'
import { Actions } from './Actions'
import { Changes } from './Changes'
import { Clock, HeldTable } from './Clock'
import { Explanation } from './Explanation'
import { Gathered } from './Gathered'
import { longest } from './held'
import { Stages } from './Stages'
import { Story } from './Story'

/** One matter: where it stands, whose clock runs, what I can do, and its whole story. */
export default function MatterPage() {
  const { matter } = useParams()
  const query = useMatter(matter)
  if (query.data) return <Whole key={query.data.id} matter={query.data} failed={query.isRefetchError ? query.error : undefined} again={() => void query.refetch()} />
  return (
    <Page title={t('matter')}>
      {query.error ? <Failure error={query.error} again={() => void query.refetch()} /> : <Loading />}
    </Page>
  )
}

function Longest({ held }: { held: Matter['held'] }) {
  const most = longest(held)
  return most ? <span className="held-longest">{t('held-longest', { who: most.title, time: workingTime(most.minutes) })}</span> : null
}

function Whole({ matter, failed, again }: { matter: Matter; failed: unknown; again: () => void }) {
  const [limit, setLimit] = useState<number>()
  const parties = matter.parties.filter((party) => party.units.length > 0 && !party.field) // what the form says is said once
  const links: Schemas['LinkedMatter'][] = [...(matter.parent ? [matter.parent] : []), ...matter.links]
  return (
    <Page
      title={matter.title}
      wide
      aside={
        <div className="matter-facts">
          <StateTag state={matter.state} />
          {!matter.closed && <ColourTag colour={matter.colour} />}
          <span>{matter.procedureTitle}</span>
          <AuthorityChip authority={matter.authority} />
          <span className="dim">{t(matter.starter.name ? 'started-by' : 'started-by-unit', { unit: matter.unitName, name: matter.starter.name, at: moment(matter.started) })}</span>
          <Link className="dim" to={`/rules/${matter.rulebook}/versions`}>
            {t('runs-by', { rules: matter.rulebookTitle, version: matter.rulebookVersion.slice(0, 8) })}
          </Link>
          {matter.pace !== undefined && matter.pace > 1 && (
            <span className="tag tag-amber">{t('rehearsal', { pace: matter.pace, now: moment(matter.now) })}</span>
          )}
          <Button size="small" className="print" onClick={() => window.print()}>
            {t('print')}
          </Button>
        </div>
      }
    >
      {failed ? <Failure error={failed} again={again} /> : null}
      <Stages matter={matter} explain={setLimit} />
      <div className="matter">
        <div className="matter-side">
          <Actions matter={matter} />
        </div>
        <div className="matter-main">
          <Clock matter={matter} explain={setLimit} />
          {matter.gatherings?.map((one) => <Gathered key={one.stage} gathering={one} />)}
          <Section title={t('content')}>
            {parties.length > 0 && (
              <dl className="form-view">
                {parties.map((party) => (
                  <div key={party.key}>
                    <dt>{party.title}</dt>
                    <dd>{party.units.map((unit) => unit.name).join('、')}</dd>
                  </div>
                ))}
              </dl>
            )}
            <FormView form={matter.formSchema} values={matter.form} organisation={matter.organisation} matter={matter.id} marked={matter.needs} />
          </Section>
          <Changes matter={matter} />
          <Story matter={matter.id} explain={setLimit} />
          {matter.slips.length > 0 && (
            <Section title={t('slips')}>
              <ul className="slip-list">
                {matter.slips.map((slip) => (
                  <li key={slip.id}>
                    <Link to={slipPage(slip.id)}>{slip.number}</Link>
                    <span className="tag">{slip.kindTitle}</span>
                    <span>{slip.title}</span>
                    <Signed slip={slip} />
                    <span className="dim">{moment(slip.at)}</span>
                    <SlipLinks slip={slip} />
                  </li>
                ))}
              </ul>
            </Section>
          )}
          {matter.draws && matter.draws.length > 0 && (
            <Section title={t('draws')} id="draws">
              <ul className="slip-list">
                {matter.draws.map((draw) => (
                  <li key={draw.id}>
                    <a href={`/draw/${draw.id}`}>{draw.title}</a>
                    <span className="tag">{t(`draw-${draw.state}`)}</span>
                    <span className="dim">{t('draw-public')}</span>
                  </li>
                ))}
              </ul>
            </Section>
          )}
          {links.length > 0 && (
            <Section title={t('linked')}>
              <ul className="slip-list">
                {links.map((link) => (
                  <li key={link.id}>
                    <span className="tag">{t(link === matter.parent ? 'link-parent' : 'link-child')}</span>
                    {link.visible ? <Link to={`/matters/${link.id}`}>{link.title}</Link> : <span>{link.title}</span>}
                    {link.state && <StateTag state={link.state} />}
                    {link.refusal && <span className="dim">{t('link-unopened', { reason: link.refusal.message })}</span>}
                  </li>
                ))}
              </ul>
            </Section>
          )}
          {matter.held.length > 0 && (
            <Section title={t('held')} aside={<Longest held={matter.held} />}>
              <HeldTable matter={matter} />
            </Section>
          )}
          {matter.copied.length > 0 && (
            <Section title={t('copied-to')}>
              <p>{matter.copied.map((post) => post.title).join('、')}</p>
            </Section>
          )}
        </div>
      </div>
      {limit !== undefined && <Explanation matter={matter.id} limit={limit} close={() => setLimit(undefined)} />}
    </Page>
  )
}
