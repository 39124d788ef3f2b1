import type { ThemeConfig } from 'antd'

// One blue, and every text at 4.5:1 or better on its ground.
export const theme: ThemeConfig = {
  token: {
    colorPrimary: '#0b4f9e',
    colorInfo: '#0b4f9e',
    colorLink: '#0b4f9e',
    colorLinkHover: '#083b78',
    linkDecoration: 'underline',
    linkHoverDecoration: 'underline',
    colorSuccess: '#1b6e35',
    colorWarning: '#8a5300',
    colorError: '#b3261e',
    colorText: '#1f2328',
    colorTextSecondary: '#4a5058',
    colorTextTertiary: '#565c64',
    colorTextQuaternary: '#6a7077',
    colorTextPlaceholder: '#6a7077',
    colorTextDisabled: '#5f656c',
    colorBorder: '#8b929a',
    borderRadius: 4,
    fontSize: 15,
    controlHeight: 34,
    motion: false, // people who work in it all day, on slow desktops, wait for nothing
    fontFamily: '"Microsoft YaHei", "PingFang SC", "Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei", sans-serif',
  },
  components: {
    Button: { primaryShadow: 'none', defaultShadow: 'none', dangerShadow: 'none' },
    Drawer: { paddingLG: 16 },
  },
}

/** The same for readers who asked for large type; the sheet's sizes grow with it. */
export const largeType: ThemeConfig = { ...theme, token: { ...theme.token, fontSize: 19, controlHeight: 44 } }
