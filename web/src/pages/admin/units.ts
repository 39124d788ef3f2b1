import { t } from './text'

/** A post's title as it follows its unit's name: 张店区委改革办主任 of 张店区 becomes 新城区委改革办主任 of 新城区. */
export function retitled(title: string, was: string, is: string): string {
  if (is === '' || was === is) return title
  if (title.includes(was)) return title.replace(was, is)
  const short = bare(was)
  return short !== '' && title.startsWith(short) ? bare(is) + title.slice(short.length) : title
}

/** A unit's name as its posts' titles have it: 经济体制改革专项小组 of 市经济体制改革专项小组. */
const bare = (unit: string) => (unit.startsWith(t('of-the-city')) ? unit.slice(t('of-the-city').length) : unit)
