import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core'

/** The one colour with a meaning: what can be acted on, and what is done. Shade 7 on white has a contrast of 7.3. */
const pine: MantineColorsTuple = [
  '#effaf6',
  '#d6f1e7',
  '#aee3d0',
  '#7dcdb3',
  '#4bb193',
  '#2b967a',
  '#1c7a63',
  '#166251',
  '#134e42',
  '#0f4037',
]
const stone: MantineColorsTuple = [
  '#fafaf8',
  '#f4f4f1',
  '#ebebe7',
  '#e3e3de',
  '#c9c9c2',
  '#8b8b83',
  '#5c5c55',
  '#45453f',
  '#2b2c29',
  '#1a1a17',
]
const coal: MantineColorsTuple = [
  '#edede8',
  '#c9cac3',
  '#a6a79f',
  '#777871',
  '#42433f',
  '#2b2c29',
  '#20211f',
  '#191a18',
  '#121311',
  '#0c0d0c',
]
const brick: MantineColorsTuple = [
  '#fcedea',
  '#f8d8d1',
  '#f1b3a6',
  '#f3917f',
  '#dd6650',
  '#c54a33',
  '#b83c26',
  '#a8321f',
  '#8a2918',
  '#6b2f24',
]

export const theme = createTheme({
  colors: { pine, gray: stone, dark: coal, red: brick },
  primaryColor: 'pine',
  primaryShade: { light: 7, dark: 7 },
  black: '#1a1a17',
  defaultRadius: 7,
  cursorType: 'pointer',
  // As in pages.css of the server and in the clients.
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', sans-serif",
  fontFamilyMonospace:
    "ui-monospace, 'SF Mono', SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace",
  fontWeights: { regular: '400', medium: '500', bold: '600' },
  fontSizes: { xs: '12px', sm: '14px', md: '15px', lg: '17px', xl: '20px' },
  components: {
    Button: { defaultProps: { size: 'compact-md', variant: 'default' } },
    TextInput: { defaultProps: { size: 'sm' } },
    // With the description above, the fields of a row would not begin on one line.
    InputWrapper: { defaultProps: { inputWrapperOrder: ['label', 'input', 'error', 'description'] } },
    // To hold the page still the library would write a <style> element without our nonce, which the CSP refuses.
    Modal: { defaultProps: { lockScroll: false, centered: true, transitionProps: { duration: 120 } } },
    Skeleton: { defaultProps: { radius: 5 } },
  },
})

export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#ffffff',
    '--mantine-color-text': '#1a1a17',
    '--mantine-color-dimmed': '#5c5c55',
    '--mantine-color-placeholder': '#6f6f67',
    '--mantine-color-error': '#a8321f',
    '--input-bd-base': '#8b8b83',
  },
  dark: {
    '--mantine-color-body': '#191a18',
    '--mantine-color-text': '#edede8',
    '--mantine-color-dimmed': '#a6a79f',
    '--mantine-color-placeholder': '#92938b',
    '--mantine-color-error': '#f3917f',
    '--input-bd-base': '#777871',
  },
})
