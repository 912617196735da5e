export const exporting = {
  as: (format: string) => `Export this list as ${format}`,
  done: 'The file is downloaded.',
}
