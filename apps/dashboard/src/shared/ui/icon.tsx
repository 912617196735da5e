/** Strokes on a 24-unit square, drawn for this dashboard. */
const paths = {
  overview: 'M4 20V11h4v9M10 20V4h4v16M16 20v-6h4v6M3 20h18',
  start: 'M5 12l4.5 4.5L19 7M4 4h16v16H4z',
  api: 'M8 6l-5 6 5 6M16 6l5 6-5 6M13.5 4.5l-3 15',
  role: 'M12 3l8 3.5v5c0 4.6-3.3 8-8 9.5-4.7-1.5-8-4.9-8-9.5v-5zM8.8 12l2.3 2.3 4.2-4.5',
  user: 'M12 11.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5c.9-3.7 3.8-5.7 7.5-5.7s6.6 2 7.5 5.7',
  application: 'M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z',
  connection: 'M9 7V3.500M15 7V3.500M6.500 7h11v4a5.500 5.500 0 0 1-11 0zM12 16.500v4',
  access: 'M4 4h16v16H4zM4 9.3h16M4 14.7h16M9.3 4v16M14.7 4v16',
  log: 'M5 5h14M5 10h14M5 15h9M5 20h6',
  settings: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 4.5v5M9 14.5v5',
  plus: 'M12 5v14M5 12h14',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  cross: 'M6 6l12 12M18 6L6 18',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5L20 20',
  left: 'M14.5 6l-6 6 6 6',
  right: 'M9.5 6l6 6-6 6',
  down: 'M6 9.5l6 6 6-6',
  menu: 'M4 7h16M4 12h16M4 17h16',
  sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 3v1.5M12 19.500V21M3 12h1.500M19.500 12H21M5.600 5.600l1.100 1.100M17.300 17.300l1.100 1.100M18.400 5.600l-1.100 1.100M6.700 17.300l-1.100 1.100',
  moon: 'M20 14.500A8.500 8.500 0 0 1 9.500 4 8.500 8.500 0 1 0 20 14.500z',
  screen: 'M4 5h16v11H4zM9 20h6M12 16v4',
  trash: 'M5 7h14M10 4h4M7 7l1 13h8l1-13M10.500 11v5.500M13.500 11v5.500',
  edit: 'M5 19l.8-4L15.500 5.300l3.200 3.200L9 18.200zM13.500 7.300l3.200 3.200',
  refresh: 'M19.500 12a7.500 7.500 0 1 1-2.200-5.300M19.500 3.500v4.200h-4.200',
  external: 'M14 4h6v6M20 4l-9 9M17 14v6H4V7h6',
  lock: 'M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3',
  warning: 'M12 4l9 16H3zM12 10v4.500M12 17.300v.2',
  out: 'M10 4H4v16h6M15 8l4 4-4 4M19 12H9',
  mail: 'M4 6h16v12H4zM4 7l8 6 8-6',
  key: 'M8 15.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM11.500 12H21M17.500 12v3.500',
  play: 'M7 5l12 7-12 7z',
  pause: 'M8 5v14M16 5v14',
  question:
    'M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17zM9.500 9.800a2.500 2.500 0 1 1 3.600 2.200c-.800.400-1.100.900-1.100 1.700M12 16.600v.200',
  download: 'M12 4v11M7.500 11l4.500 4.500 4.500-4.500M5 20h14',
} as const

export type IconName = keyof typeof paths

/** Decoration next to a text, or inside a button with a label. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      className="icon"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={size >= 20 ? 1.6 : 1.9}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  )
}
