import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { article, named } from './components/SourceChip'
import { coded, t } from './text'

const sources = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name)
    if (entry.isDirectory()) return sources(file)
    return /\.tsx?$/.test(entry.name) && !/\.(test|gen)\./.test(entry.name) ? [readFileSync(file, 'utf8')] : []
  })

describe('the catalogue', () => {
  const code = sources(path.join(process.cwd(), 'src')).join('\n') + readFileSync('vite.config.ts', 'utf8')

  const folder = path.join(process.cwd(), '../internal/message/zh-CN')
  const files = readdirSync(folder).filter((name) => /^web\b/.test(name))

  it.each(files)('has no text that nothing shows: %s', (name) => {
    const built = Array.from(code.matchAll(/`([a-z][a-z-]*-)\$\{/g), (found) => found[1]!) // keys put together where they are used
    const families = ['state-', 'colour-', 'duty-', 'stage-', 'mode-', 'role-', 'quick-', ...built]
    const keys = Object.keys(JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as Record<string, string>)
    const idle = keys.filter((key) => !families.some((family) => key.startsWith(family)) && !new RegExp(`['.]${key}\\b`).test(code))
    expect(idle).toEqual([])
  })

  it('is all the Chinese there is: none stands in the code', () => {
    const lines = code
      .split('\n')
      .filter((line) => /[\u4e00-\u9fff]/.test(line.replace(/\/\/.*|\/\*.*|^\s*\*.*/, '')))
      .filter((line) => !/YYYY年M月D日|日一二三四五六|月\$|年\$|星期\$/.test(line))
    expect(lines).toEqual([])
  })

  it('fills what stands in braces and leaves what it does not know', () => {
    expect(t('late-days', { days: 3 })).toBe('逾期3天')
    expect(t('late-days')).toBe('逾期{days}天')
    expect(coded('colour', 'red')).toBe('已逾期')
    expect(coded('colour', 'mauve')).toBe('mauve')
  })
})

it.each([
  ['001 art. 5(3)', '001号文件第5条第3项'],
  ['001 art. 6(1), 000 art. 8(1)', '001号文件第6条第1项，000号文件第8条第1项'],
  ['001 art. 18', '001号文件第18条'],
])('says an article in Chinese: %s', (source, text) => {
  expect(article(source)).toBe(text)
})

it('names each regulation once', () => {
  expect(named('《甲》第4条、《甲》第5条、《乙》第1条')).toBe('《甲》第4条、第5条、《乙》第1条')
  expect(named('《甲》第4条、《乙》第1条', true)).toBe('第4条、第1条')
})
