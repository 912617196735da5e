import { type MantineColorScheme, useMantineColorScheme } from '@mantine/core'
import { Icon, type IconName } from '../shared/ui/icon.tsx'
import { shell } from './text.ts'

const schemes: { value: MantineColorScheme; label: string; icon: IconName }[] = [
  { value: 'light', label: shell.light, icon: 'sun' },
  { value: 'dark', label: shell.dark, icon: 'moon' },
  { value: 'auto', label: shell.auto, icon: 'screen' },
]

export function ColorScheme() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <div className="schemes" role="radiogroup" aria-label={shell.colorScheme}>
      {schemes.map(({ value, label, icon }) => (
        <label key={value} title={label}>
          <input
            className="visually-hidden"
            type="radio"
            name="color-scheme"
            value={value}
            aria-label={label}
            checked={colorScheme === value}
            onChange={() => setColorScheme(value)}
          />
          <Icon name={icon} size={14} />
        </label>
      ))}
    </div>
  )
}
