import { Button } from '@mantine/core'
import { useState } from 'react'
import { downloadText } from '../env/download.ts'
import { Icon } from '../ui/icon.tsx'
import { useAction } from '../ui/use-action.ts'
import { exporting as text } from './text.ts'

type Format = 'csv' | 'json'

/** Downloads all that a list finds, not only its page. */
export function ExportButtons({ name, read }: { name: string; read: (format: Format) => Promise<string> }) {
  const [busy, setBusy] = useState<Format>()
  const act = useAction()
  const download = async (format: Format) => {
    setBusy(format)
    await act({ run: async () => downloadText(`${name}.${format}`, await read(format)), done: text.done })
    setBusy(undefined)
  }
  return (
    <span className="row">
      {(['csv', 'json'] as const).map((format) => (
        <Button
          key={format}
          aria-label={text.as(format.toUpperCase())}
          loading={busy === format}
          disabled={busy !== undefined}
          leftSection={<Icon name="download" size={14} />}
          onClick={() => void download(format)}
        >
          {format.toUpperCase()}
        </Button>
      ))}
    </span>
  )
}
